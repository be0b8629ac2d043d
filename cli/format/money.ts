// Money, prices and sizes as people read them, wherever a person reads them.
export { dollars, priceText, sharesText } from '#projections/money.js'
