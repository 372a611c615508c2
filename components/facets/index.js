// The entry that Streamlit calls.

import { keepViews } from '../shared/mount.js';
import { FacetsView } from './view.js';

/** @param {import('./view.js').FacetsComponent} component */
const create = (component) => new FacetsView(component);

export default keepViews(create);
