// The entry that Streamlit calls.

import { keepViews } from '../shared/mount.js';
import { GalleryView } from './view.js';

/** @param {import('./view.js').GalleryComponent} component */
const create = (component) => new GalleryView(component);

export default keepViews(create);
