// Why a picture cannot be shown, in the server's words.

/**
 * @param {string} url of a picture that failed to load
 * @param {typeof fetch} [request]
 * @returns {Promise<string>} empty where nothing is known
 */
export async function reasonOf(url, request = (...args) => fetch(...args)) {
  try {
    const answer = await request(url, { headers: { Accept: 'application/json' } });
    const { error } = answer.ok ? { error: '' } : await answer.json();
    return typeof error === 'string' ? error : '';
  } catch {
    return '';
  }
}
