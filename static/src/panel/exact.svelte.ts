/** The exact values of a map, or of several, in float32: what is written in numbers never comes from a map's bytes. */

import { array } from "../lib/api";

export class ExactMap {
  private known = $state.raw<{ key: string; values: Float32Array } | null>(null);
  private wanted = "";

  /** Values of a unit, or of units as an ask names them (“3,7”), in C order; null until they are there. */
  of(answer: string | null, node: string, units: number | string): Float32Array | null {
    return this.known?.key === `${answer} ${node} ${units}` ? this.known.values : null;
  }

  /** Gets the values of units of an answer; another wish, or none, drops what was on its way. */
  async want(answer: string | null, node: string, units: number | string): Promise<void> {
    const key = `${answer} ${node} ${units}`;
    if (key === this.wanted) return;
    this.wanted = key;
    if (answer === null) return;
    try {
      const { data } = await array(answer, node, String(units), "f32");
      if (this.wanted === key && data instanceof Float32Array) this.known = { key, values: data };
    } catch {
      // The map is shown without numbers; why the server does not answer is told where the maps are.
      if (this.wanted === key) this.wanted = "";
    }
  }
}
