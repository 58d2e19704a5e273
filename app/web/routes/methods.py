"""What can be asked."""

from typing import Any

from fastapi import APIRouter

from app.engine.errors import UnknownMethod
from app.explain.method import methods
from app.web.describe import describe_method
from app.web.schemas import MethodInfo, MethodList

router = APIRouter(tags=["methods"])


@router.get("/methods", summary="All methods", responses={200: {"model": MethodList}})
async def list_methods() -> dict[str, Any]:
    """Each with its help, its source and the JSON Schema of its parameters."""
    return {"methods": [describe_method(method) for method in methods().values()]}


@router.get("/methods/{name}", summary="One method", responses={200: {"model": MethodInfo}})
async def one_method(name: str) -> dict[str, Any]:
    """Its help, its source and the JSON Schema of its parameters."""
    known = methods()
    if name not in known:
        raise UnknownMethod(name, known)
    return describe_method(known[name])
