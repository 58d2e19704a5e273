/** What the server says, as docs/protocol.md has it. */

export type Kind = "signed" | "positive" | "weight" | "attribution" | "picture";
export type DataType = "u8" | "f16" | "f32";
export type Pair = [number, number];
export type Values = Record<string, unknown>;

export interface Card {
  id: string;
  title: string;
  /** Name of the group that a list puts it into. */
  family: string;
  year: number;
  paper: string;
  summary: string;
  preprocessing: {
    resize: number;
    crop: number;
    channels: number;
    interpolation: string;
    mean: number[];
    std: number[];
  };
  classes: string[];
  parameters: number;
  training: { data: string; recipe: string; command: string; measured: Accuracy; licence: string } | null;
  published: { url: string; megabytes: number; accuracy: Accuracy; licence: string } | null;
  /** What the paper reports, of its own weights. */
  reported: Accuracy | null;
  weights: "shipped" | "local" | "random" | "own";
  /** What a person should know of it, one sentence each. */
  notes: string[];
}

/** A card as the list has it. */
export type CardSummary = Omit<Card, "classes">;

export interface Accuracy {
  top1: number;
  top5: number | null;
  on: string;
  source: string;
}

export interface ReceptiveField {
  size: Pair;
  step: Pair;
  start: Pair;
  whole: boolean;
}

export interface Node {
  name: string;
  operation: string;
  module: string;
  path: string[];
  inputs: string[];
  shape: number[];
  parameters: number;
  macs: number;
  details: Record<string, unknown>;
  receptive_field: ReceptiveField;
  kind: "signed" | "positive";
}

export interface Model {
  card: Card;
  graph: { nodes: Node[] };
}

export interface Sample {
  image: string;
  name: string;
  title: string;
  models: string[];
}

export interface Method {
  name: string;
  title: string;
  summary: string;
  /** Its documentation in paragraphs; names stand between backquotes. */
  help: string[];
  source: string;
  image: "required" | "optional" | "none";
  /** The array that is laid over the picture, or with colours shown beside it; empty where there is none. */
  shows: string;
  /** Whether “Why” begins with it. */
  leads: boolean;
  params: Record<string, unknown>;
}

export interface UploadedImage {
  id: string;
  width: number;
  height: number;
  notes: string[];
  /** False where it is held in memory only. */
  kept: boolean;
}

/** An error of the server: RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  field?: string | null;
}

/** How a picture is fitted: a square of it in fractions, the whole stretched, or the whole with bars. */
export interface Framing {
  fit: "crop" | "stretch" | "letterbox";
  left?: number;
  top?: number;
  size?: number;
}

/** What is asked: plain data. */
export interface Ask {
  method: string;
  model: string;
  image?: string | null;
  params?: Values;
  framing?: Framing | null;
}

/** How one array of an answer is described, and where all of it is to be had. */
export interface ArrayDescription {
  shape: number[];
  axes: string[];
  unit: string;
  node: string | null;
  kind: Kind;
  range: Pair | Pair[];
  href: string;
}

/** An answer over HTTP: these, and the method's own values. */
export interface Answer extends Values {
  answer: string;
  ask: Ask;
  arrays: Record<string, ArrayDescription>;
}

export interface FrameHeader {
  id: string;
  node: string | null;
  name: string;
  dtype: DataType;
  shape: number[];
  axes: string[];
  kind: Kind;
  unit: string;
  range: Pair | Pair[];
  nonfinite: number;
  units?: number[];
  detail: "strip" | "map";
  full_shape?: number[];
  step: number;
  steps: number;
}

/** A binary frame: an array and what must be known to read it. `f16` arrives as float32. */
export interface Frame {
  header: FrameHeader;
  data: Uint8Array | Float32Array;
}

/** What sums a node's values up; those of single units only where its units are maps. */
export interface Statistics {
  range: Pair;
  histogram: { edges: number[]; counts: number[]; every?: number };
  order: number[];
  dead: number;
  nonfinite: number;
  min?: (number | null)[];
  max?: (number | null)[];
  mean?: (number | null)[];
  variance?: (number | null)[];
  zeros?: (number | null)[];
  norm?: (number | null)[];
}

/** What `classify` gives. */
export interface Classification {
  top: { index: number; label: string; probability: number | null; logit: number | null }[];
  softmax: { maximum: number | null; sum: number | null; exps: (number | null)[] };
  classes: number;
}

/** What is on screen of one node; without `units` the strongest, without `size` the true pixels. */
export interface Look {
  node: string;
  units?: string;
  size?: number;
}

export interface Progress {
  type: "progress";
  id: string;
  step: number;
  steps: number;
  node?: string | null;
  name?: string;
  values?: Values;
}

export interface Done {
  type: "done";
  id: string;
  answer: string;
  values: Values;
  arrays: Record<string, ArrayDescription>;
  milliseconds: number;
}

/** What has become of a run that is watched; `train/types.ts` says what is in it. */
export interface RunNews {
  type: "run";
  id: string;
  run: unknown;
  curve: unknown;
  evaluation?: unknown;
}

export type ServerMessage =
  | { type: "accepted"; id: string; answer: string; ask: Ask }
  | Progress
  | Done
  | RunNews
  | { type: "error"; id?: string | null; problem: Problem }
  | { type: "cancelled"; id: string };

export type ClientMessage =
  | ({ type: "ask"; id: string; slot?: string; deliver?: "all" | "look" | "none"; dtype?: DataType } & Ask)
  | { type: "watch"; id: string; run: string; rate: number; since: number }
  | { type: "cancel"; id: string }
  | { type: "look"; id: string; nodes: Look[] }
  | { type: "ack"; bytes: number };

/** Whether something is there: not asked for, on its way, there, or impossible and why. */
export type State = "waiting" | "computing" | "done" | "failed";
