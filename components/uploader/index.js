// The entry that Streamlit calls.

import { keepViews } from '../shared/mount.js';
import { UploaderView } from './view.js';

/** @param {import('./view.js').UploaderComponent} component */
const create = (component) => new UploaderView(component);

export default keepViews(create);
