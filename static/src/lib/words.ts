/** The words of the field with what they mean: the same texts as in the docs. */

import { t, textKeys } from "./texts";

export interface Word {
  id: string;
  word: string;
  meaning: string;
}

const MEANING = /^word\.(\w+)\.is$/;

/** All words, in the order in which one learns them. */
export function words(): Word[] {
  return textKeys().flatMap((key) => {
    const id = MEANING.exec(key)?.[1];
    return id === undefined ? [] : [{ id, word: t(`word.${id}`), meaning: t(key) }];
  });
}
