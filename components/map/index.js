// Entry of the map component.

import { keepViews } from '../shared/mount.js';
import { textsAt } from '../shared/static.js';
import { unpacked } from './message.js';
import { request } from './model.js';
import { MapView } from './view.js';

/** @typedef {import('../shared/mount.js').Component<import('./message.js').Message>} Component */

// Camera, selection and hidden classes outlive reruns and page switches with their view.
const show = keepViews(() => new MapView());

/** @param {Component} component */
export default async (component) => {
  const { data } = component;
  request(data); // on its way while the view is made
  return show({ ...component, data: unpacked(data, await textsAt(data.texts_url)) });
};
