/** What the network level shows of the data and the selection, worked out once for everything that draws it. */

import { data } from "../lib/data.svelte";
import { selection } from "../lib/selection.svelte";
import { links, ownLines, type Drawn } from "./edges";
import { initiallyOpen, items, toggled, tree, type Item } from "./fold";
import { layout, unitsShown } from "./layout";

const NOTHING = { id: "", label: "", children: [], nodes: [] };

export class Scene {
  width = $state(0);
  height = $state(0);

  readonly root = $derived(data.model ? tree(data.model.graph.nodes) : NOTHING);
  readonly open = $derived(selection.open ?? initiallyOpen(this.root));
  private readonly all: Item[] = $derived(items(this.root, this.open));

  /** The item that the classes stand for: the last one, where it holds one number per class. */
  readonly output: Item | null = $derived.by(() => {
    const last = this.all.at(-1);
    const classes = data.model?.card.classes.length;
    return last && !last.block && last.node.shape.length === 1 && last.node.shape[0] === classes ? last : null;
  });
  /** The node of the logits, drawn or passed on. */
  readonly outputNode = $derived(data.model?.graph.nodes.at(-1) ?? null);

  readonly plan = $derived(
    layout(
      this.all.filter((item) => item !== this.output),
      { width: this.width, height: this.height, zoom: selection.zoom },
    ),
  );
  readonly drawn: Drawn[] = $derived(
    this.plan.columns.map((column) => ({
      column,
      units: unitsShown(column, data.statistics.get(column.item.node.name)?.order),
    })),
  );
  readonly lines = $derived(links(this.plan, this.drawn, data.nodes));

  /** The lines of the unit that is pointed at, or else of the selected one. */
  readonly strongLines: string = $derived.by(() => {
    const at = selection.hovered ?? selection;
    if (at.node === null || at.unit === null) return "";
    return ownLines(this.plan, this.drawn, at.node, at.unit, data.nodes);
  });

  /** Whether everything that is drawn is there. */
  readonly settled: boolean = $derived(
    data.state === "done" &&
      this.drawn.every(({ column, units }) =>
        units.every((unit) => unit !== null && data.tileState(column.item.node.name, unit) === "done"),
      ),
  );

  toggle(id: string): void {
    selection.go({ open: toggled(this.open, this.root, id) });
  }
}
