/**
 * The one connection to the server's stream: many asks at once, each with its own callbacks.
 *
 * A lost connection is opened again, after a wait that doubles from 250 ms to 8 s and is never the same for two
 * pages; every ask that is still held is then asked again. Asks are known by content, so that nothing is computed
 * twice.
 */

import { decodeFrame } from "./frame";
import type {
  Ask,
  ClientMessage,
  DataType,
  Done,
  Frame,
  Look,
  Problem,
  Progress,
  RunNews,
  ServerMessage,
} from "./types";

export type Connection = "connecting" | "open" | "lost";

/** What becomes of an ask. None of these is called after `cancel`, or once a newer ask has taken the slot. */
export interface Listener {
  /** The ask went out (again): whatever was received before is about to be sent once more. */
  asked?: () => void;
  accepted?: (answer: string) => void;
  progress?: (message: Progress) => void;
  frame?: (frame: Frame) => void;
  done?: (message: Done) => void;
  failed?: (problem: Problem) => void;
  /** News of a run that is watched. */
  news?: (message: RunNews) => void;
}

export interface AskOptions {
  slot?: string;
  deliver?: "all" | "look" | "none";
  dtype?: DataType;
}

/** A running ask. */
export interface Asking {
  readonly id: string;
  /** Says what is on screen, most important first. */
  look(nodes: Look[]): void;
  /** Ends it; what comes later is not heard. */
  cancel(): void;
}

/** A run that is watched; after a lost connection it is told from `since` on. */
export interface Watching {
  since: number;
  cancel(): void;
}

interface Held {
  message: ClientMessage & { type: "ask" | "watch" };
  listener: Listener;
  nodes: Look[] | null;
}

const FIRST_WAIT = 250;
const LONGEST_WAIT = 8000;
const ACKNOWLEDGE_EVERY = 128 * 1024;
const ACKNOWLEDGE_AFTER = 40;

/** How long to wait before the n-th attempt (0, 1, …), in ms: half of it is left to chance. */
export function waitBefore(attempt: number, random = Math.random()): number {
  return Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT) * (0.5 + random / 2);
}

export class Stream {
  private socket: WebSocket | null = null;
  private readonly asks = new Map<string, Held>();
  private asked = 0;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private received = 0;
  private acknowledged = 0;
  private acknowledging: ReturnType<typeof setTimeout> | undefined;

  /** `connection` hears of every change; `retry` in ms is when the next attempt comes. */
  constructor(
    private readonly url: string,
    private readonly connection: (state: Connection, retry?: number) => void = () => undefined,
    private readonly open: (url: string) => WebSocket = (url) => new WebSocket(url, "convscope.v1"),
  ) {
    this.connect();
  }

  ask(ask: Ask, listener: Listener, options: AskOptions = {}): Asking {
    if (options.slot) this.leaveSlot(options.slot);
    const id = this.nextId();
    const held = this.hold({ type: "ask", id, ...options, ...ask }, listener);
    return {
      id,
      look: (nodes) => {
        held.nodes = nodes;
        if (this.asks.has(id)) this.send({ type: "look", id, nodes });
      },
      cancel: () => this.cancel(id),
    };
  }

  /** Hears what becomes of a run, at most `rate` times a second. */
  watch(run: string, rate: number, listener: Listener): Watching {
    const message = { type: "watch" as const, id: this.nextId(), run, rate, since: 0 };
    this.hold(message, listener);
    return Object.assign(message, { cancel: () => this.cancel(message.id) });
  }

  /** Opens a lost connection at once instead of after the wait. */
  reconnect(): void {
    if (this.socket) return;
    clearTimeout(this.retry);
    this.connect();
  }

  close(): void {
    clearTimeout(this.retry);
    clearTimeout(this.acknowledging);
    this.asks.clear();
    const { socket } = this;
    this.socket = null;
    socket?.close(1000);
  }

  private nextId(): string {
    this.asked += 1;
    return `a${this.asked}`;
  }

  private hold(message: Held["message"], listener: Listener): Held {
    const held: Held = { message, listener, nodes: null };
    this.asks.set(message.id, held);
    this.sendAsk(held);
    return held;
  }

  private cancel(id: string): void {
    if (this.asks.delete(id)) this.send({ type: "cancel", id });
  }

  private leaveSlot(slot: string): void {
    for (const [id, { message }] of this.asks) if ("slot" in message && message.slot === slot) this.asks.delete(id);
  }

  private connect(): void {
    const socket = this.open(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.received = 0;
    this.acknowledged = 0;
    this.connection("connecting");
    socket.onopen = () => {
      this.attempt = 0;
      this.connection("open");
      for (const held of this.asks.values()) this.sendAsk(held);
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.hear(event.data);
    socket.onclose = () => {
      if (this.socket === socket) this.lose();
    };
  }

  private lose(): void {
    this.socket = null;
    clearTimeout(this.acknowledging);
    this.acknowledging = undefined;
    const wait = waitBefore(this.attempt);
    this.attempt += 1;
    this.connection("lost", wait);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private send(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private sendAsk(held: Held): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    held.listener.asked?.();
    this.send(held.message);
    if (held.nodes) this.send({ type: "look", id: held.message.id, nodes: held.nodes });
  }

  private hear(data: string | ArrayBuffer): void {
    if (typeof data === "string") {
      this.hearMessage(JSON.parse(data) as ServerMessage);
      return;
    }
    this.received += data.byteLength;
    this.acknowledge();
    const frame = decodeFrame(data);
    this.asks.get(frame.header.id)?.listener.frame?.(frame);
  }

  private hearMessage(message: ServerMessage): void {
    const held = this.asks.get(message.id ?? "");
    if (!held) return;
    if (message.type === "accepted") held.listener.accepted?.(message.answer);
    else if (message.type === "progress") held.listener.progress?.(message);
    else if (message.type === "done") held.listener.done?.(message);
    else if (message.type === "run") held.listener.news?.(message);
    else {
      this.asks.delete(held.message.id);
      if (message.type === "error") held.listener.failed?.(message.problem);
    }
  }

  /** Tells what has arrived: at once for much, after a moment for little. */
  private acknowledge(): void {
    if (this.received - this.acknowledged >= ACKNOWLEDGE_EVERY) {
      this.acknowledgeNow();
    } else {
      this.acknowledging ??= setTimeout(() => this.acknowledgeNow(), ACKNOWLEDGE_AFTER);
    }
  }

  private acknowledgeNow(): void {
    clearTimeout(this.acknowledging);
    this.acknowledging = undefined;
    this.acknowledged = this.received;
    this.send({ type: "ack", bytes: this.received });
  }
}
