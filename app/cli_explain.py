"""`convscope explain METHOD`: a command for every method, its options made from the method's declaration."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from app.explain.method import Method

Schema = dict[str, Any]
Parameter = inspect.Parameter

ModelOption = Annotated[str, typer.Option("--model", "-m", help="The network's id; see `convscope models`.")]
ImageOption = Annotated[str | None, typer.Option("--image", "-i", help="A picture's file, or the name of a sample.")]
FitOption = Annotated[str | None, typer.Option("--fit", help="How the picture is fitted: crop, stretch or letterbox.")]
CropOption = Annotated[
    str | None,
    typer.Option("--crop", metavar="LEFT,TOP,SIZE", help="A square of the picture, in fractions, such as 0.1,0.2,0.5."),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help="Where the answer goes: .png or .csv (one array), .webp (a film), .npz (all) or .json (values).",
    ),
]
ArrayOption = Annotated[str | None, typer.Option("--array", help="The array of a .png; the first unless given.")]
ParamOption = Annotated[
    list[str] | None, typer.Option("--param", help="Any parameter as name=value; may be given several times.")
]

COMMON: dict[str, tuple[Any, Any]] = {
    "model": (ModelOption, Parameter.empty),
    "image": (ImageOption, None),
    "fit": (FitOption, None),
    "crop": (CropOption, None),
    "out": (OutOption, None),
    "array": (ArrayOption, None),
    "param": (ParamOption, None),
}


class MethodCommands(TyperGroup):
    """One command per method, made when the first of them is wanted: reading the declarations takes importing torch."""

    def load(self) -> None:
        """Makes the commands."""
        if not self.commands:
            from app.explain.method import methods

            for declared in methods().values():
                holder = typer.Typer(add_completion=False)
                holder.command(declared.name, help=help_text(declared))(command(declared))
                self.add_command(typer.main.get_command(holder), declared.name)

    def list_commands(self, ctx: Any) -> list[str]:
        self.load()
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        self.load()
        if cmd_name not in self.commands and not cmd_name.startswith("-"):
            from app.engine.errors import UnknownMethod

            typer.echo(str(UnknownMethod(cmd_name, self.commands)), err=True)
            raise typer.Exit(2)
        return super().get_command(ctx, cmd_name)


def help_text(method: "Method") -> str:
    """A method's help, without what concerns its callers in Python, with the paper it comes from."""
    paragraphs = [*method.summary.partition("Raises:")[0].strip().split("\n\n"), f"Source: {method.source}"]
    return markup_free("\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs))


def markup_free(text: str) -> str:
    """Text whose brackets are brackets: in help, typer takes them for colours."""
    from rich.markup import escape

    return escape(text)


def command(method: "Method") -> Callable[..., None]:
    """The function of one method's command: its signature has an option for every field of the parameters."""
    schema = method.params.model_json_schema()
    fields = {option_name(field): field for field in schema.get("properties", {})}

    def run(**given: Any) -> None:
        from app.cli_answer import Question, explain

        params = dict(parsed(assignment, schema) for assignment in given["param"] or ())
        params |= {
            field: parse(value, schema["properties"][field], schema)
            for name, field in fields.items()
            if (value := given[name]) is not None
        }
        question = Question(method.name, given["model"], given["image"], params, given["fit"], given["crop"])
        explain(question, given["out"], given["array"])

    annotations = {name: annotation for name, (annotation, _) in COMMON.items()}
    defaults = {name: default for name, (_, default) in COMMON.items()}
    for name, field in fields.items():
        annotations[name] = option(field, schema["properties"][field], schema)
        defaults[name] = None
    run.__annotations__ = annotations
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            Parameter(name, Parameter.KEYWORD_ONLY, default=defaults[name], annotation=annotation)
            for name, annotation in annotations.items()
        ]
    )
    return run


def option_name(field: str) -> str:
    """The name of a field's function argument, apart from those that every command has."""
    return f"param_{field}" if field in COMMON else field


def option(field: str, declared: Schema, schema: Schema) -> Any:
    """The option of one field. Its value is read as text: what is right for it is for the method to say."""
    from app.engine.check import expected

    flag = f"--{field.replace('_', '-')}"
    if field in COMMON:
        flag = f"--param-{field.replace('_', '-')}"
    described = declared.get("description") or declared.get("title") or ""
    remarks = [str(declared["unit"])] if declared.get("unit") else []
    if declared.get("default") is not None:
        remarks.append(f"default: {shown_default(declared['default'])}")
    explained = markup_free(f"{described} ({', '.join(remarks)})" if remarks else described)
    if alternatives(declared, schema) == {"boolean"}:
        return Annotated[bool | None, typer.Option(f"{flag}/--no-{flag[2:]}", help=explained, show_default=False)]
    right = expected(declared, schema).removesuffix(" or null")
    return Annotated[str | None, typer.Option(flag, help=explained, metavar=right)]


def shown_default(default: Any) -> str:
    """A default as one would type it."""
    if isinstance(default, list):
        return ",".join(map(str, default))
    return str(default).lower() if isinstance(default, bool) else str(default)


def alternatives(declared: Schema, schema: Schema) -> set[str]:
    """The JSON types that a field takes, null left out."""
    if "$ref" in declared:
        return alternatives(schema["$defs"][declared["$ref"].rsplit("/", 1)[-1]], schema)
    if "anyOf" in declared:
        return set().union(*(alternatives(one, schema) for one in declared["anyOf"]))
    kind = declared.get("type") or ("string" if "enum" in declared or "const" in declared else "object")
    return {kind} - {"null"}


def parsed(assignment: str, schema: Schema) -> tuple[str, Any]:
    """`name=value` as a parameter; names that the method does not have are kept, for the method to refuse."""
    name, equals, value = assignment.partition("=")
    if not equals:
        raise typer.BadParameter(f"--param is “{assignment}”, but it must be name=value, such as k=5.")
    declared = schema.get("properties", {}).get(name)
    return name, value if declared is None else parse(value, declared, schema)


def parse(value: Any, declared: Schema, schema: Schema) -> Any:
    """What is typed as the value that it means: numbers, yes and no, and lists as `0-9,17` or JSON.

    What cannot be read stays text, so that the method's own check says what would be right.
    """
    import json

    kinds = alternatives(declared, schema)
    if not isinstance(value, str) or kinds == {"string"}:
        return value
    if "array" in kinds and not value.lstrip().startswith("["):
        return parse_list(value, declared, schema)
    try:
        return json.loads(value)
    except ValueError:
        return value


def parse_list(value: str, declared: Schema, schema: Schema) -> list[Any]:
    """Items between commas; of numbers, `0-9` is all of them."""
    items = next(one for one in [declared, *declared.get("anyOf", ())] if one.get("type") == "array").get("items", {})
    parts = [part.strip() for part in value.split(",")]
    return (
        parts if alternatives(items, schema) == {"string"} else [number for part in parts for number in counted(part)]
    )


def counted(item: str) -> list[Any]:
    """One item of a list of numbers: `17`, or `0-9` for all of them."""
    first, dash, last = item.partition("-")
    if dash and first.isdigit() and last.isdigit() and int(last) - int(first) < 1_000_000:
        return list(range(int(first), int(last) + 1))
    try:
        return [float(item) if "." in item or "e" in item else int(item)]
    except ValueError:
        return [item]
