// Binary data over HTTP. Addresses are content addresses: the same address is the same bytes.

import { delivered, remembering } from '../shared/remember.js';

const KEPT = 12;

/** The bytes at an address, fetched once. */
export const fetchBuffer = remembering(async (url) => (await delivered(url)).arrayBuffer(), KEPT);
