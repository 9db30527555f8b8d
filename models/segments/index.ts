export { adjustedRandIndex, explainedBy, silhouetteOf } from './agreement.ts'
export { kMeans, nearest } from './kmeans.ts'
export {
  type SegmentModel,
  type Segments,
  segmentedAt,
  segmentModel,
  segmentNames,
  segmentsOf,
  settings,
} from './model.ts'
export { type Point, pointsAt, scaled, scaleOf, segmentFeatures } from './points.ts'
export { rfmSegments } from './rfm.ts'
export { segmentRows, segmentTopics } from './rows.ts'
