import { useEffect, useRef, useState } from 'react';
import { useGateway } from '../gateway/gateway';
import type { Ranking } from '../ranking/client';
import type { CallFailure } from '../ranking/failure';
import { type FeedbackReceipt, sendFeedback } from '../ranking/feedback';
import type { Grades } from '../ranking/quality';

const timeoutMs = 10_000;

/** Sends the user's grades of a ranking. */
export function useFeedback(ranking: Ranking) {
  const { callOptions, noteFailure } = useGateway();
  const [receipt, setReceipt] = useState<FeedbackReceipt>();
  const [failure, setFailure] = useState<CallFailure>();
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  const send = async (grades: Grades) => {
    controller.current?.abort();
    const { signal } = (controller.current = new AbortController());
    const result = await sendFeedback({ ranking, grades }, { ...callOptions(signal), timeoutMs });
    if (signal.aborted) return;
    setReceipt(result.ok ? result.value : undefined);
    setFailure(result.ok ? undefined : result.failure);
    if (!result.ok) noteFailure(result.failure);
  };
  return { send, receipt, failure };
}
