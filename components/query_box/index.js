// The entry that Streamlit calls.

import { keepViews } from '../shared/mount.js';
import { QueryBoxView } from './view.js';

/** @param {import('./view.js').QueryBoxComponent} component */
const create = (component) => new QueryBoxView(component);

export default keepViews(create);
