import { afterEach, describe, expect, it } from "vitest";
import { numbersIn } from "../../../js/language/numbers";
import { softmax } from "../../../js/measures/cosines";
import { declareRounding, errorOfShare, errorOfSoftmax } from "../../../js/trace/exactness";
import { randomFrom } from "../helpers/random";

const {
  exact: formatExact,
  glance: formatNumber,
  share: formatShare,
  weight: formatWeight,
} = numbersIn("en");

let undo: () => void = () => undefined;
afterEach(() => undo());

const TRIES = 20_000;

/** What a printed number says: a middle, and how far it may be off by its last digit. */
function read(text: string): { low: number; high: number } {
  const plain = text.replaceAll("−", "-");
  if (plain.startsWith("<")) return { low: 0, high: Number(plain.slice(1)) };
  const [digits = "", exponent = "0"] = plain.split("e");
  const half = 0.5001 * 10 ** (Number(exponent) - (digits.split(".")[1]?.length ?? 0));
  return { low: Number(plain) - half, high: Number(plain) + half };
}

function expectPrinted(text: string, model: number, error: number): void {
  const { low, high } = read(text);
  const slack = error + 1e-7 * Math.abs(model);
  if (model < low - slack || model > high + slack) {
    expect.fail(`${text} is printed for ${model}, which is known within ${error}`);
  }
}

describe("a page that rounds", () => {
  it("prints weights to three decimals, and says what is below", () => {
    undo = declareRounding({ weight: 1e-3 });
    expect([0, 1, 0.96243, 0.00267, 0.0012, 0.0009, 1e-9].map(formatWeight)).toEqual([
      "0",
      "1",
      "0.962",
      "0.003",
      "0.001",
      "<0.001",
      "<0.001",
    ]);
  });

  it("prints no digit that may be off by more than its error and a half", () => {
    const random = randomFrom(3);
    for (let i = 0; i < TRIES; i++) {
      const error = 10 ** (-7 * random());
      const model = random() < 0.5 ? random() : 10 ** (-9 * random());
      const sent = Math.max(0, model + error * (2 * random() - 1));
      expectPrinted(formatShare(sent, error), model, error);
      for (const scale of [-1, 1, 37, -1e4]) {
        const value = model * scale + error * (2 * random() - 1);
        expectPrinted(formatNumber(value, error), model * scale, error);
        expectPrinted(formatExact(value, error), model * scale, error);
      }
      const unit = read(formatShare(sent, error));
      expect(unit.high - unit.low).toBeGreaterThan(0.99 * Math.min(error, 1));
    }
  });

  it("prints the softmax of scores to the digits that the scores have", () => {
    undo = declareRounding({ weight: 1e-3, score: 4e-4 });
    const random = randomFrom(5);
    for (let i = 0; i < 500; i++) {
      const logits = Array.from({ length: 2 + 30 * random() }, () => 12 * (random() - 0.5));
      const sent = softmax(logits.map((logit) => logit + 4e-4 * (2 * random() - 1)));
      softmax(logits).forEach((model, key) => {
        const weight = sent[key] ?? 0;
        const error = errorOfSoftmax(weight);
        expectPrinted(formatShare(weight, error), model, 1.01 * error + 1e-9);
        expectPrinted(formatExact(weight, error), model, 1.01 * error + 1e-9);
      });
    }
  });

  it("knows how far shares of the largest weight are off", () => {
    undo = declareRounding({ weight: 1e-3 });
    const random = randomFrom(6);
    for (let i = 0; i < TRIES; i++) {
      const sum = 10 ** (-12 * random());
      const most = sum * (0.01 + 0.99 * random());
      const weight = most * random();
      const off = () => 1e-3 * sum * (2 * random() - 1);
      const [largest, smaller] = [most + off(), weight + off()];
      const share = smaller / largest;
      const error = errorOfShare(share, largest, sum);
      expect(Math.abs(share - weight / most)).toBeLessThanOrEqual(1.2 * error);
    }
  });
});

describe("softmax", () => {
  const { NaN: none, NEGATIVE_INFINITY: hidden } = Number;
  it.each([
    [
      [0, 0],
      [0.5, 0.5],
    ],
    [
      [hidden, 800, hidden],
      [0, 1, 0],
    ],
    [
      [hidden, hidden],
      [0, 0],
    ],
    [
      [none, 1],
      [none, none],
    ],
  ])("of %j is %j", (logits, weights) => {
    expect([...softmax(logits)]).toEqual(weights);
  });
});
