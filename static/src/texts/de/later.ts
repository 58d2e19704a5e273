/** German: the texts that the first view does without. */

const parts = import.meta.glob<Record<string, string>>(
  [
    "./panel.json",
    "./slide.json",
    "./words.json",
    "./tour.json",
    "./models.json",
    "./why.json",
    "./own.json",
    "./train.json",
    "./told/faults.json",
    "./told/methods.json",
    "./told/sums.json",
  ],
  {
    eager: true,
    import: "default",
  },
);

export default Object.assign({}, ...Object.values(parts)) as Record<string, string>;
