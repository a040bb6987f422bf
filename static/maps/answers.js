// Asks the server for JSON. Every answer is checked; nothing is ever guessed from a failed one.

/** The server's refusal, with its status and, where it gave one, its own sentence. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail || `HTTP ${status}`);
    this.status = status;
  }
}

/** Return the JSON at `url`; throws Refused for any answer that is not a success. */
export async function getJson(url, signal) {
  const response = await fetch(url, { signal, headers: { Accept: "application/json" } });
  if (!response.ok) throw new Refused(response.status, await sentenceOf(response));
  return response.json();
}

async function sentenceOf(response) {
  if (!response.headers.get("Content-Type")?.includes("json")) return "";
  const problem = await response.json().catch(() => ({}));
  return typeof problem.detail === "string" ? problem.detail : "";
}

/** Whether an error only says that we stopped asking. */
export function isAbort(error) {
  return error?.name === "AbortError";
}
