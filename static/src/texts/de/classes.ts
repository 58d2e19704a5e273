/** German: the names of the classes of the large networks. */

export { default } from "./told/classes.json";
