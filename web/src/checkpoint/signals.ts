/**
 * What is heard and felt, each unlike the others: two rising notes for pass, one long low note for stop, two even ones for
 * the lane, and three falling ones where nothing can be told.
 */

import type { Answer } from "./answer";

interface Note {
  readonly hertz: number;
  readonly at: number;
  readonly seconds: number;
}

export const SIGNALS: Record<Answer["decision"], { notes: readonly Note[]; vibration: number[] }> = {
  pass: {
    notes: [
      { hertz: 880, at: 0, seconds: 0.12 },
      { hertz: 1320, at: 0.13, seconds: 0.2 },
    ],
    vibration: [80],
  },
  stop: { notes: [{ hertz: 220, at: 0, seconds: 0.7 }], vibration: [400, 100, 400] },
  lane: { notes: [0, 0.25].map((at) => ({ hertz: 520, at, seconds: 0.18 })), vibration: [150, 100, 150] },
  "cannot-tell": {
    notes: [660, 520, 390].map((hertz, number) => ({ hertz, at: number * 0.18, seconds: 0.15 })),
    vibration: [60, 60, 60, 60, 60],
  },
};

let audio: AudioContext | undefined;

/** Must be called on a tap, since a browser plays nothing before one. */
export function enableSound(): void {
  audio ??= new AudioContext();
  void audio.resume();
}

export function signal(decision: Answer["decision"]): void {
  const { notes, vibration } = SIGNALS[decision];
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(vibration);
  if (!audio) return;
  for (const note of notes) play(audio, note);
}

function play(audio: AudioContext, { hertz, at, seconds }: Note): void {
  const start = audio.currentTime + at;
  const volume = audio.createGain();
  volume.gain.setValueAtTime(0.4, start);
  volume.gain.exponentialRampToValueAtTime(0.001, start + seconds);
  const tone = audio.createOscillator();
  tone.type = "square";
  tone.frequency.value = hertz;
  tone.connect(volume).connect(audio.destination);
  tone.start(start);
  tone.stop(start + seconds);
}
