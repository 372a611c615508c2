// Entry of the map component.

import { keepViews } from '../shared/mount.js';
import { dress, textsAt } from '../shared/static.js';
import { unpacked } from './message.js';
import { request } from './model.js';
import { MapView } from './view.js';

/** @typedef {import('../shared/mount.js').Component<import('./message.js').Message>} Component */

const STYLES = ['style', 'toolbar', 'stage', 'legend', 'tooltip'].map((name) =>
  new URL(`./${name}.css`, import.meta.url).href);

// Camera, selection and hidden classes outlive reruns and page switches with their view.
const show = keepViews(() => new MapView());

/** @param {Component} component */
export default async (component) => {
  const { data, parentElement } = component;
  request(data); // on its way while the view is made
  const [texts] = await Promise.all([textsAt(data.texts_url), dress(parentElement, STYLES)]);
  return show({ ...component, data: unpacked(data, texts) });
};
