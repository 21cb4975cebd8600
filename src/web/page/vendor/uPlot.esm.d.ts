// The server serves uPlot's own module under this path.
import uPlot from 'uplot';
export default uPlot;
