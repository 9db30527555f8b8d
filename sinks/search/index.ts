export {
  type FacetField,
  facetFields,
  type IndexedProduct,
  mapping,
  type ProductAnswer,
  ProductIndex,
  type ProductQuery,
} from './product-index.ts'
export { ProductSink, type ProductSinkOptions } from './sink.ts'
export { folded, singular, wordsOf } from './words.ts'
