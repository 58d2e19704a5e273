/** What the server says of training, as docs/protocol.md has it. */

import type { Node } from "../lib/types";
import type { Schema } from "../panel/schema";

export interface Augmentation {
  shift: number;
  flip: boolean;
  rotate: number;
  scale: number;
  shear: number;
  colour: number;
  elastic: number;
  crop: number;
}

export interface Recipe {
  optimiser: string;
  learning_rate: number;
  momentum: number;
  weight_decay: number;
  batch_size: number;
  epochs: number;
  schedule: string;
  label_smoothing: number;
  mixup: number;
  dropout: number | null;
  augmentation: Augmentation;
  validation: number;
}

export interface Block {
  repeat: number;
  width: number;
  kernel: number;
  stride: number;
  padding: number;
  dilation: number;
  pool: "max" | "average" | null;
  pool_size: number;
}

export interface Architecture {
  blocks: Block[];
  dense: number[];
  activation: string;
  normalisation: string;
  dropout: number;
  pooled: boolean;
}

/** What a run is made of. */
export interface Plan {
  model: string | null;
  architecture: Architecture | null;
  data: string;
  recipe: Partial<Recipe>;
  seed: number;
}

export interface DataChoice {
  id: string;
  title: string;
  here: boolean;
  classes: string[];
  train: number | null;
  test: number | null;
  shape: number[];
  problem: string | null;
}

export interface ModelChoice {
  id: string;
  title: string;
  parameters: number;
  side: number;
}

export interface Options {
  data: DataChoice[];
  models: ModelChoice[];
  recipe: Schema;
  recipes: Record<string, { data: string; recipe: Partial<Recipe> }>;
  architecture: Schema;
  example: { title: string; model: string; data: string; recipe: Partial<Recipe>; seed: number };
  limits: { running: number; kept: number };
}

export type RunState =
  "new" | "waiting" | "starting" | "running" | "paused" | "stopped" | "finished" | "failed" | "interrupted";

export interface Run {
  id: string;
  title: string;
  created: string;
  origin: { run: string; step: number } | null;
  plan: Plan & { recipe: Recipe };
  classes: string[];
  layers: string[];
  state: RunState;
  sentence: string | null;
  problem: { step: number; layer: string | null; learning_rate: number; good: number } | null;
  step: number;
  steps: number;
  epoch: number;
  epochs: number;
  seconds: number;
  loss: number | null;
  accuracy: number | null;
  evaluation: Evaluation | null;
  checkpoints: number[];
  snapshot: number;
}

export interface Evaluation {
  step: number;
  epoch: number;
  part: string;
  pictures: number;
  loss: number | null;
  accuracy: number;
  dead: Record<string, number[]>;
}

export interface Wrong {
  index: number;
  label: number;
  said: number;
  probability: number;
}

/** An evaluation with what was taken for what. */
export interface Judgement extends Evaluation {
  confusion: number[][];
  wrong: Wrong[];
  wrong_count: number;
}

export interface Change {
  step: number;
  field: string;
  from: unknown;
  to: unknown;
}

export interface Curve {
  every: number;
  steps: number[];
  loss: (number | null)[];
  accuracy: (number | null)[];
  learning_rate: (number | null)[];
  layers: {
    names: string[];
    steps: number[];
    gradient: (number | null)[][];
    update: (number | null)[][];
    weight: (number | null)[][];
  };
  evaluations: Evaluation[];
  changes: Change[];
}

export interface Drawn {
  graph: { nodes: Node[] };
  parameters: number;
  macs: number;
  source: string;
}
