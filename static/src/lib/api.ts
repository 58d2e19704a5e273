/** The server's HTTP side. Every failure is a `Failure`, which carries the server's own sentence. */

import { decodeFrame } from "./frame";
import { framingQuery } from "./framing";
import { t } from "./texts";
import type { Answer, Ask, CardSummary, DataType, Frame, Method, Model, Problem, Sample, UploadedImage } from "./types";

export const ROOT = "/api/v1";

/** A problem that the server told, or that it cannot be reached. */
export class Failure extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

function unreachable(): Problem {
  return { type: "unreachable", title: t("failure.unreachable.title"), status: 0, detail: t("failure.unreachable") };
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = { type: "about:blank", title: response.statusText, status: response.status };
  try {
    const body = (await response.json()) as Partial<Problem>;
    return { ...fallback, detail: t("failure.status", { status: response.status }), ...body };
  } catch {
    return { ...fallback, detail: t("failure.status", { status: response.status }) };
  }
}

export async function request(path: string, options?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Failure(unreachable());
  }
  if (!response.ok) throw new Failure(await problemOf(response));
  return response;
}

export async function get<Body>(path: string): Promise<Body> {
  return (await (await request(ROOT + path)).json()) as Body;
}

export const models = async (): Promise<CardSummary[]> => (await get<{ models: CardSummary[] }>("/models")).models;
export const model = (id: string): Promise<Model> => get(`/models/${encodeURIComponent(id)}`);
export const samples = async (): Promise<Sample[]> => (await get<{ samples: Sample[] }>("/samples")).samples;
export const methods = async (): Promise<Method[]> => (await get<{ methods: Method[] }>("/methods")).methods;

/** One ask, answered whole. */
export async function ask(question: Ask, signal?: AbortSignal): Promise<Answer> {
  const response = await request(`${ROOT}/ask`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(question),
    signal: signal ?? null,
  });
  return (await response.json()) as Answer;
}

/** An array of an answer, or some units of it ("3,7,9-12"). */
export async function array(answer: string, name: string, units?: string, dtype: DataType = "f32"): Promise<Frame> {
  const query = new URLSearchParams({ dtype, ...(units === undefined ? {} : { units }) });
  return decodeFrame(await (await request(`${arrayPath(answer, name)}?${query}`)).arrayBuffer());
}

const arrayPath = (answer: string, name: string): string =>
  `${ROOT}/answers/${answer}/${name.split("/").map(encodeURIComponent).join("/")}`;

export type FileFormat = "npz" | "csv" | "png";

/** Address of an array's exact values as a file, of all units or some; or of all arrays of an answer. */
export function fileAddress(answer: string, format: FileFormat, name: string | null = null, units?: string): string {
  const query = new URLSearchParams({ format, ...(units === undefined ? {} : { units }) });
  return `${name === null ? `${ROOT}/answers/${answer}` : arrayPath(answer, name)}?${query}`;
}

export type Sent = (bytes: number, total: number) => void;

/** Sends a picture. */
export function upload(file: Blob, name: string, signal: AbortSignal, sent: Sent): Promise<UploadedImage> {
  const form = new FormData();
  form.append("file", file, name);
  return send("/images", form, signal, sent);
}

/** Sends a form; `sent` hears how many bytes have gone, which `fetch` could not tell. */
export function send<Body>(path: string, form: FormData, signal: AbortSignal, sent: Sent): Promise<Body> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", ROOT + path);
    sending.upload.onprogress = ({ loaded, total }) => sent(loaded, total);
    sending.onerror = () => reject(new Failure(unreachable()));
    sending.onabort = () => reject(new DOMException("", "AbortError"));
    sending.onload = () => {
      const response = new Response(sending.responseText, { status: sending.status, statusText: sending.statusText });
      if (response.ok) resolve(response.json() as Promise<Body>);
      else void problemOf(response).then((problem) => reject(new Failure(problem)));
    };
    signal.addEventListener("abort", () => sending.abort());
    sending.send(form);
  });
}

/** Sends a picture that is not to be kept. */
export async function pass(file: Blob): Promise<UploadedImage> {
  const form = new FormData();
  form.append("file", file, "passing");
  const response = await request(`${ROOT}/images?keep=false`, { method: "POST", body: form });
  return (await response.json()) as UploadedImage;
}

/** What is known of a picture. */
export const about = (id: string): Promise<UploadedImage> => get(`/images/${encodeURIComponent(id)}/about`);

interface Look {
  size?: number;
  model?: string;
  framing?: string | null;
}

/** Address of a picture: as it is, at most `size` pixels a side, or exactly what a network sees of it. */
export function imageAddress(id: string, options: Look = {}): string {
  const query = new URLSearchParams(framingQuery(options.framing ?? null));
  if (options.size !== undefined) query.set("size", String(options.size));
  if (options.model !== undefined) query.set("model", options.model);
  const text = query.toString();
  return `${ROOT}/images/${encodeURIComponent(id)}${text ? `?${text}` : ""}`;
}

/** Address of the stream on the server that sent this page. */
export function streamAddress(location: Location): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${ROOT}/stream`;
}
