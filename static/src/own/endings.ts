/** Endings of the files of networks that are read, as docs/protocol.md lists them. */
export const ENDINGS = [".onnx", ".safetensors", ".pth", ".pt", ".th", ".bin", ".ckpt"];

/** Whether a file is a network, by its name. */
export const holdsNetwork = (name: string): boolean => ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));
