export {
  type Evidence,
  type MetricVerdict,
  type MetricWatch,
  newMetricWatch,
  REFRACTORY,
  watchMetric,
} from './metric-watch.ts'
