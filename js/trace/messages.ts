/** What the browser asks of Python, and what comes back; the other half is widget/requests.py. */

/** The first word of a front end, once for each model: the widget can be shown. */
export interface ReadyRequest {
  id: number;
  kind: "ready";
}

export interface TensorRequest {
  id: number;
  kind: "tensor";
  run: number;
  /** Of a tensor: tensor_key.ts lists them. */
  key: string;
}

/** Run the model on another text. On success the traits change before the reply comes. */
export interface RunRequest {
  id: number;
  kind: "run";
  text: string;
  text_pair: string | null;
}

export type Request = ReadyRequest | TensorRequest | RunRequest;

export type Dtype = "float32" | "int32" | "uint8";

/** One buffer, little-endian and C-ordered, comes with it. */
export interface TensorHeader {
  id: number;
  dtype: Dtype;
  shape: number[];
}

export interface Done {
  id: number;
}

export interface Failure {
  id: number;
  error: string;
}

export type Reply = TensorHeader | Done | Failure;
