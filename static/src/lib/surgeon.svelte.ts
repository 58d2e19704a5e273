/** Whoever operates: cuts, undoes and does again. What is cut stands in the view; what was before is kept here. */

import { cutWith, cutWithout, scaleOf, type Edit } from "./cuts";
import { selection } from "./selection.svelte";

export class Surgeon {
  private past = $state.raw<readonly (readonly string[])[]>([]);
  private future = $state.raw<readonly (readonly string[])[]>([]);

  readonly redoable = $derived(this.future.length > 0);

  cut(edit: Edit): void {
    this.change(
      edit.kind === "scale" && edit.value === 1 ? cutWithout(selection.cuts, edit) : cutWith(selection.cuts, edit),
    );
  }

  /** Knocks a unit out, or brings it back. */
  toggle(node: string, unit: number): void {
    this.cut({ node, unit, kind: "scale", value: scaleOf(selection.cuts, node, unit) === 0 ? 1 : 0 });
  }

  /** Knocks out what the pointer or the focus is on, or what is looked at. */
  toggleHere(): void {
    const { node, unit } = selection.hovered ?? selection;
    if (node !== null && unit !== null) this.toggle(node, unit);
  }

  change(cuts: readonly string[]): void {
    this.past = [...this.past, selection.cuts];
    this.future = [];
    selection.go({ cuts });
  }

  /** Of a view that came by its address the last cut is taken back. */
  undo(): void {
    if (!selection.cuts.length && !this.past.length) return;
    const before = this.past.at(-1) ?? selection.cuts.slice(0, -1);
    this.past = this.past.slice(0, -1);
    this.future = [...this.future, selection.cuts];
    selection.go({ cuts: before });
  }

  redo(): void {
    const next = this.future.at(-1);
    if (!next) return;
    this.future = this.future.slice(0, -1);
    this.past = [...this.past, selection.cuts];
    selection.go({ cuts: next });
  }
}

export const surgeon = new Surgeon();
