// What the pages draw with, and nothing else: adding a chart type here makes every page larger, so
// each line names the charts that need it.
import { registerTheme, init, use } from 'echarts/core';
import {
  BarChart, CustomChart, HeatmapChart, LineChart,
  SankeyChart, // where people of a funnel go after their last step
  ScatterChart,
} from 'echarts/charts';
import {
  AriaComponent, // decals, which hatch incomplete periods and partial cells
  GridComponent,
  MarkAreaComponent, // quadrant names of the partner map
  MarkLineComponent, // zero lines, guardrail margins, targets
  TooltipComponent,
  VisualMapContinuousComponent, // colour scale of the retention triangle
} from 'echarts/components';
import { LabelLayout } from 'echarts/features'; // hides overlapping labels
import { SVGRenderer } from 'echarts/renderers';

use([
  BarChart, CustomChart, HeatmapChart, LineChart, SankeyChart, ScatterChart,
  AriaComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent,
  VisualMapContinuousComponent, LabelLayout, SVGRenderer,
]);

export { init, registerTheme };
