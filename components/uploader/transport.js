// Requests to the upload route. Files go by the tus protocol, whose client is tus-js-client.

import { DetailedError, Upload } from './vendor/tus.js';

/** Sent with every request; a foreign page cannot add it without being asked by the browser. */
export const GUARD = { 'X-Datag-Request': '1' };

/** Files up to this size come with their first request; a larger one can break off in between. */
const AT_ONCE = 4 * 1024 * 1024;

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
 * A file to be sent, and where it stands on the server.
 * @typedef {{
 *   endpoint: string, place: string | null, file: Blob, metadata: Record<string, string>,
 *   language: string, onPlace: (place: string) => void, onProgress: (bytes: number) => void,
 *   signal: AbortSignal,
 * }} Sending  `place`: its own address, once it has one
 */
/**
 * @typedef {(sending: Sending) => Promise<void>} SendFile
 * Sends one file; rejects with AnswerError, ConnectionError or an AbortError. Called again with
 * the place that `onPlace` told, it goes on from where the server stands.
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

/** @type {SendFile} */
export function sendFile({
  endpoint, place, file, metadata, language, onPlace, onProgress, signal,
}) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new DOMException(endpoint, 'AbortError'));
      return;
    }
    const upload = new Upload(/** @type {File} */ (file), {
      endpoint,
      uploadUrl: place,
      metadata,
      headers: headersFor(language),
      uploadDataDuringCreation: file.size <= AT_ONCE,
      // Trying again is the queue's: it knows of the other files, and what to tell.
      retryDelays: null,
      // What has arrived is asked of the server, not remembered by this browser.
      storeFingerprintForResuming: false,
      fingerprint: () => Promise.resolve(''),
      onProgress,
      onUploadUrlAvailable: () => onPlace(upload.url ?? ''),
      onSuccess: () => settle(resolve),
      onError: (error) => settle(() => reject(errorOf(error, endpoint))),
    });
    const abort = () => {
      void upload.abort();
      reject(new DOMException(endpoint, 'AbortError'));
    };
    const settle = (/** @type {() => void} */ done) => {
      signal.removeEventListener('abort', abort);
      done();
    };
    signal.addEventListener('abort', abort, { once: true });
    upload.start();
  });
}

/**
 * @param {Error} error of the tus client
 * @param {string} endpoint
 */
function errorOf(error, endpoint) {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response) return new ConnectionError(endpoint);
  return new AnswerError(response.getStatus(), errorText(response.getBody()));
}

/** @param {string} language the page's, for the server's texts */
function headersFor(language) {
  return { ...GUARD, 'Accept-Language': language };
}

/**
 * Ask, with JSON unless it is a GET, and read the answer's JSON.
 * @param {string} url
 * @param {'GET' | 'POST' | 'DELETE'} method
 * @param {unknown} body
 * @param {string} language
 * @param {AbortSignal} [signal]
 * @returns {Promise<Record<string, unknown>>}
 */
export async function ask(url, method, body, language, signal) {
  const response = await fetch(url, {
    method,
    headers: { ...headersFor(language), 'Content-Type': 'application/json' },
    body: method === 'GET' ? undefined : JSON.stringify(body),
    signal,
  }).catch((error) => {
    throw error.name === 'AbortError' ? error : new ConnectionError(url);
  });
  const text = await response.text();
  if (!response.ok) throw new AnswerError(response.status, errorText(text));
  return text ? JSON.parse(text) : {};
}
