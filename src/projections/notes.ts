import type { Noted } from '../domain/event.ts'
import { type Json, lengthOf } from '../domain/note.ts'

/** Topics that are kept, and what each of them may hold, in characters of JSON. The oldest go first. */
const mostTopics = 32
export const topicSize = 1_048_576

interface Kept {
  readonly data: Json
  readonly size: number
}

interface Topic {
  readonly byKey: Map<string, Kept>
  size: number
}

/** The newest note under each topic and key, in the order in which they were written. */
export class Notes {
  readonly #topics = new Map<string, Topic>()

  write({ topic: name, key, data }: Pick<Noted, 'topic' | 'key' | 'data'>): void {
    const topic = this.#topic(name)
    const size = lengthOf(name, key, data)
    drop(topic, key)
    topic.byKey.set(key, { data, size })
    topic.size += size
    for (const oldest of topic.byKey.keys()) {
      if (topic.size <= topicSize) break
      drop(topic, oldest)
    }
  }

  get(topic: string, key: string): Json | undefined {
    return this.#topics.get(topic)?.byKey.get(key)?.data
  }

  /** All of a topic, the one that was written last at the end. */
  *of(topic: string): IterableIterator<readonly [key: string, data: Json]> {
    for (const [key, { data }] of this.#topics.get(topic)?.byKey ?? []) yield [key, data]
  }

  /** What is kept, as plain JSON records. */
  *save(): IterableIterator<SavedNote> {
    for (const topic of this.#topics.keys())
      for (const [key, data] of this.of(topic)) yield { type: 'note', topic, key, data }
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name) ?? { byKey: new Map(), size: 0 }
    this.#topics.set(name, topic)
    const [oldest = name] = this.#topics.keys()
    if (this.#topics.size > mostTopics) this.#topics.delete(oldest)
    return topic
  }
}

function drop(topic: Topic, key: string): void {
  topic.size -= topic.byKey.get(key)?.size ?? 0
  topic.byKey.delete(key)
}

export interface SavedNote {
  readonly type: 'note'
  readonly topic: string
  readonly key: string
  readonly data: Json
}
