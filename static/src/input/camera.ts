/** The camera: opened, chosen, and read at the network's own pixels. */

import type { Card } from "../lib/types";
import { partOf } from "./crop";

/** Why there is no camera: each has a sentence of its own. */
export type Refusal = "denied" | "none" | "busy" | "insecure" | "failed";

export function refusalOf(error: unknown): Refusal {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "failed";
}

/** Whether this page may have a camera at all: browsers give none to pages that came over plain HTTP. */
export const allowed = (): boolean => window.isSecureContext && "mediaDevices" in navigator;

export async function open(device: string | null): Promise<MediaStream> {
  const video = { width: { ideal: 640 }, ...(device ? { deviceId: { exact: device } } : { facingMode: "user" }) };
  return navigator.mediaDevices.getUserMedia({ video, audio: false });
}

export async function cameras(): Promise<MediaDeviceInfo[]> {
  return (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
}

export function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Draws what the network sees of a video's frame, framed as pictures are. */
export function drawFrame(
  context: CanvasRenderingContext2D,
  video: HTMLVideoElement,
  { preprocessing }: Pick<Card, "preprocessing">,
  framing: string | null,
  mirrored: boolean,
): void {
  const { crop, mean } = preprocessing;
  const size = { width: video.videoWidth, height: video.videoHeight };
  context.save();
  context.imageSmoothingQuality = "high";
  if (mirrored) context.setTransform(-1, 0, 0, 1, crop, 0);
  if (framing === "stretch") context.drawImage(video, 0, 0, crop, crop);
  else if (framing === "letterbox") {
    const scale = crop / Math.max(size.width, size.height);
    const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
    context.fillStyle = `rgb(${[0, 1, 2].map((channel) => Math.round(255 * (mean[channel] ?? mean[0] ?? 0)))})`;
    context.fillRect(0, 0, crop, crop);
    context.drawImage(video, Math.floor((crop - width) / 2), Math.floor((crop - height) / 2), width, height);
  } else {
    const { left, top, side } = partOf(framing, size, preprocessing);
    context.drawImage(video, left, top, side, side, 0, 0, crop, crop);
  }
  context.restore();
}
