/** What the network level shows of the data and the selection, worked out once for everything that draws it. */

import { data } from "../lib/data.svelte";
import { selection } from "../lib/selection.svelte";
import { classCount, classRows } from "./classes";
import { classLines, links, ownLines, type Drawn, type Scope } from "./edges";
import { items, type Item } from "./fold";
import { layout, unitsShown, type Column } from "./layout";
import { marks, type Pointed } from "./marks";
import { inSight, routesOf } from "./routes";
import { blocksIn, initiallyOpen, NOTHING, toggled, tree } from "./tree";
import { Viewport } from "./viewport.svelte";

/** What is a little out of sight is drawn too, in steps, so that scrolling doesn't begin anew at each pixel. */
const AROUND = 240;

const same = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((entry, index) => entry === other[index]);

export class Scene {
  readonly viewport = new Viewport();

  readonly root = $derived(data.model ? tree(data.model.graph.nodes) : NOTHING);
  readonly open = $derived(selection.open ?? initiallyOpen(this.root));
  private readonly all: Item[] = $derived(items(this.root, this.open));
  readonly labels: readonly string[] = $derived(data.classes);

  /** The item that the classes stand for: the last one, where it holds one number per class. */
  readonly output: Item | null = $derived.by(() => {
    const last = this.all.at(-1);
    const { length } = this.labels;
    return last && !last.block && last.node.shape.length === 1 && last.node.shape[0] === length ? last : null;
  });
  /** The node of the logits, drawn or passed on. */
  readonly outputNode = $derived(data.model?.graph.nodes.at(-1) ?? null);

  readonly plan = $derived(
    layout(this.all, this.output, {
      width: this.viewport.width,
      height: this.viewport.height,
      zoom: selection.zoom,
      classes: classCount(this.labels),
      blocks: this.root.children.some((child) => "children" in child),
    }),
  );
  readonly places = $derived(new Map(this.plan.columns.map(({ item }, index) => [item.id, index])));
  private readonly routes = $derived(routesOf(this.plan));
  private readonly shown = $derived(new Set(this.plan.columns.map(({ item }) => item.node.name)));

  private readonly from = $derived(Math.floor(this.viewport.left / AROUND - 1) * AROUND);
  private readonly to = $derived(Math.ceil((this.viewport.left + this.viewport.width) / AROUND + 1) * AROUND);
  readonly columns: Column[] = $derived(
    this.plan.columns.filter(({ header }) => header.x > this.from && header.x < this.to),
  );
  readonly rows = $derived(classRows(this.labels, data.classification));
  /** What shows the same units as before stays the same, and with it all that was worked out of it. */
  private before = new Map<string, Drawn>();
  readonly drawn: Drawn[] = $derived.by(() => {
    const drawn = this.columns.map((column): Drawn => {
      const units = this.units(column);
      const before = this.before.get(column.item.id);
      return before?.column === column && same(before.units, units) ? before : { column, units };
    });
    this.before = new Map(drawn.map((entry) => [entry.column.item.id, entry]));
    return drawn;
  });

  private readonly scope: Scope = $derived({
    layout: this.plan,
    drawn: new Map(this.drawn.map((entry) => [entry.column.item.id, entry])),
    nodes: data.nodes,
    shown: this.shown,
  });
  private readonly routesInSight = $derived(inSight(this.routes, this.from, this.to));
  readonly lines = $derived(links(this.routesInSight, this.scope));

  /** From a folded block that holds the answer to the classes. */
  readonly classLines: string = $derived.by(() => {
    const last = this.drawn.at(-1);
    const numbers = last?.column.item.node.shape ?? [];
    if (!last?.column.item.block || numbers[0] !== this.labels.length || last.column !== this.plan.columns.at(-1))
      return "";
    return classLines(
      last,
      this.rows.map(({ index }) => index),
      this.plan,
    );
  });

  /** The lines of the unit that is pointed at, or else of the selected one. */
  readonly strongLines: string = $derived.by(() => {
    const { node, unit } = selection.hovered ?? selection;
    const at = this.drawn.find(({ column }) => column.item.node.name === node);
    return at && unit !== null ? ownLines(at, unit, this.routes, this.scope) : "";
  });
  /** The pixel of a map that the pointer is on. */
  cell = $state.raw<Pointed["cell"] | null>(null);
  readonly marks = $derived(
    marks(selection.hovered && { ...selection.hovered, ...(this.cell && { cell: this.cell }) }, this.drawn, data.nodes),
  );

  /** Whether everything in sight is there. */
  readonly settled: boolean = $derived(
    data.state === "done" &&
      this.drawn.every(({ column, units }) =>
        units.every((unit) => unit !== null && data.tileState(column.item.node.name, unit) === "done"),
      ),
  );

  toggle(id: string): void {
    selection.go({ open: toggled(this.open, this.root, id) });
  }

  /** Opens every block, or folds all of them. */
  toggleAll(): void {
    const every = blocksIn(this.root);
    selection.go({ open: this.open.length < every.length ? every : [] });
  }

  private units(column: Column): readonly (number | null)[] {
    if (column === this.plan.answer) {
      return Array.from({ length: column.tiles }, (_, row) => this.rows[row]?.index ?? null);
    }
    return unitsShown(column, data.statistics.get(column.item.node.name)?.order);
  }
}
