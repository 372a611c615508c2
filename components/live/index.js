// The entry that Streamlit calls.

import { keepViews } from '../shared/mount.js';
import { LiveView } from './view.js';

export default keepViews(() => new LiveView());
