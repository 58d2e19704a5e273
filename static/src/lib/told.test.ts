import { afterAll, beforeAll, expect, it } from "vitest";
import { learn, speak } from "./texts";
import { called, told } from "./told";

beforeAll(async () => {
  await learn();
  await speak("de");
});
afterAll(() => speak("en"));

it("says a sentence of the server's in the page's language, with its names and numbers", () => {
  expect(told("Disk full")).toBe("Platte voll");
  expect(told("conv_1 unit 3 at row 2, column 14")).toBe("conv_1 Einheit 3, Zeile 2, Spalte 14");
  const sum = "Unit 3 of c looks at 3 × 3 values on 10 maps of r: 90 products with its weights add up to −0.25";
  expect(told(`${sum}; its bias 0.5 makes that 0.25.`)).toBe(
    "Einheit 3 von c schaut auf 3 × 3 Werte auf 10 Karten von r: " +
      "90 Produkte mit ihren Gewichten ergeben −0,25; ihr Bias 0,5 macht daraus 0,25.",
  );
  expect(told("The largest of 4 values wins: 0.2 at row 1, column 2 of unit 5 of relu.")).toBe(
    "Von 4 Werten gewinnt der größte: 0,2 in Zeile 1, Spalte 2 von Einheit 5 von relu.",
  );
});

it("says what a card tells of its network, of a recipe each part", () => {
  expect(told("VGG-11 with batch normalisation")).toBe("VGG-11 mit Batch-Normalisierung");
  expect(told("mnist test set (10,000)")).toBe(`Testdaten von mnist (10\u202f000)`);
  expect(told("40 epochs of AdamW, one-cycle learning rate up to 0.01, weight decay 0.001, batches of 128")).toBe(
    "40 Durchläufe mit AdamW, Lernrate in einem Bogen bis 0,01, Gewichtsabbau 0,001, Schübe zu 128",
  );
});

it("says what is wrong with a parameter", () => {
  expect(told("params.k is 0, but it must be a whole number from 1 to 1000.")).toBe(
    "params.k ist 0, muss aber eine ganze Zahl von 1 bis 1000 sein.",
  );
  expect(told("params.units is 7, but it must be a list, each a whole number at least 0, or null.")).toBe(
    "params.units ist 7, muss aber eine Liste, jedes Element eine ganze Zahl, mindestens 0 oder null sein.",
  );
});

it("knows the names of classes as soon as they are learned", async () => {
  await learn("classes");
  expect([called("zebra"), called("three"), called("grapheme")]).toEqual(["Zebra", "Drei", "grapheme"]);
});

it("leaves what it has no words for, and English as it is", async () => {
  expect(told("Something new.")).toBe("Something new.");
  await speak("en");
  expect(told("Disk full")).toBe("Disk full");
});
