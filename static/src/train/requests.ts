/** What is asked of runs over HTTP. */

import { get, request, ROOT } from "../lib/api";
import type { UploadedImage } from "../lib/types";
import type { Architecture, Drawn, Judgement, Options, Plan, Run } from "./types";

async function send<Body>(method: "POST" | "PATCH", path: string, body: unknown = {}): Promise<Body> {
  const response = await request(ROOT + path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Body;
}

export type Order = "play" | "pause" | "step" | "stop";

export const options = (): Promise<Options> => get("/runs/options");
export const runs = async (): Promise<Run[]> => (await get<{ runs: Run[] }>("/runs")).runs;
export const run = (id: string): Promise<Run> => get(`/runs/${encodeURIComponent(id)}`);
export const curve = <Curve>(id: string, points = 500): Promise<Curve> => get(`/runs/${id}/curve?points=${points}`);
export const judgement = (id: string, step: number): Promise<Judgement> => get(`/runs/${id}/evaluations/${step}`);
export const order = (id: string, what: Order): Promise<Run> => send("POST", `/runs/${id}/${what}`);
export const change = (id: string, changes: object): Promise<Run> => send("PATCH", `/runs/${id}`, changes);
export const back = (id: string, step: number): Promise<Run> => send("POST", `/runs/${id}/back`, { step });
export const publish = (id: string, step: number, title: string): Promise<{ id: string }> =>
  send("POST", `/runs/${id}/publish`, { step, title });
export const exportAddress = (id: string, step: number): string => `${ROOT}/runs/${id}/export?step=${step}`;

export async function remove(id: string): Promise<void> {
  await request(`${ROOT}/runs/${id}`, { method: "DELETE" });
}

export function begin({ model, architecture, ...plan }: Plan, title: string, play: boolean): Promise<Run> {
  return send("POST", "/runs", { title, ...(architecture ? { architecture } : { model }), ...plan, play });
}

/** What a network would be, for the pictures of a data set. */
export const drawn = (what: { model: string | null } | { architecture: Architecture }, data: string): Promise<Drawn> =>
  send("POST", "/runs/architecture", { ...what, data });

/** A picture of the run's data set, as one that can be asked about. */
export const picture = (id: string, index: number): Promise<UploadedImage> =>
  send("POST", `/runs/${id}/pictures`, { part: "test", index });

/** Pictures of the run's data set side by side, as one sheet. */
export const sheetAddress = (id: string, indices: readonly number[], columns: number): string =>
  `${ROOT}/runs/${id}/pictures?part=test&indices=${indices.join(",")}&columns=${columns}`;

/** The name of a run's network after so many steps. */
export const modelAt = (id: string, step: number): string => `run:${id}@${step}`;
