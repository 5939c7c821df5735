/** The scores from which there is one star more. */
const steps = [1, 50, 85]

/** How good a score is. */
export function Stars({ score }: { score: number }) {
  const count = steps.filter((step) => score >= step).length
  return (
    <span class="stars" role="img" aria-label={`${count} of ${steps.length} stars`}>
      {'★'.repeat(count)}
      {'☆'.repeat(steps.length - count)}
    </span>
  )
}
