// Requests to the upload route.

/** Sent with every request; a foreign page cannot add it without being asked by the browser. */
export const GUARD = { 'X-Datag-Request': '1' };

/** The server answered with an error. */
export class AnswerError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** No answer came. */
export class ConnectionError extends Error {}

/**
 * @typedef {(url: string, file: Blob, onProgress: (bytes: number) => void,
 *   signal: AbortSignal) => Promise<void>} PutFile
 * Sends one file; rejects with AnswerError, ConnectionError or an AbortError.
 */

/**
 * The error text of an answer, if it has one.
 * @param {string} body
 */
function errorText(body) {
  try {
    const { error } = JSON.parse(body);
    return typeof error === 'string' ? error : '';
  } catch {
    return '';
  }
}

/**
 * Send one file. XMLHttpRequest, because fetch tells nothing of how far a request has got, and a
 * zip of gigabytes must show that it moves.
 * @type {PutFile}
 */
export function putFile(url, file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open('PUT', url);
    for (const [name, value] of Object.entries(GUARD)) request.setRequestHeader(name, value);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', (event) => onProgress(event.loaded));
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new AnswerError(request.status, errorText(request.responseText)));
    });
    request.addEventListener('error', () => reject(new ConnectionError(url)));
    request.addEventListener('abort', () => reject(new DOMException(url, 'AbortError')));
    request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    signal.addEventListener('abort', abort);
    if (signal.aborted) reject(new DOMException(url, 'AbortError'));
    else request.send(file);
  });
}

/**
 * Ask with JSON and read the answer's JSON.
 * @param {string} url
 * @param {'POST' | 'DELETE'} method
 * @param {unknown} body
 * @param {AbortSignal} [signal]
 * @returns {Promise<Record<string, unknown>>}
 */
export async function ask(url, method, body, signal) {
  const response = await fetch(url, {
    method,
    headers: { ...GUARD, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  }).catch((error) => {
    throw error.name === 'AbortError' ? error : new ConnectionError(url);
  });
  const text = await response.text();
  if (!response.ok) throw new AnswerError(response.status, errorText(text));
  return text ? JSON.parse(text) : {};
}
