"""Another language at the same topics: writes records as a Python training run would, and reads those of Discern.

    interop.py produce BROKER     writes two checkpoints (claim check, inline), the end of their run, and a score
    interop.py consume BROKER TOPIC COUNT     prints records as JSON lines; bytes become {"hex": …}
"""

import hashlib
import json
import sys

import msgpack
from confluent_kafka import Consumer, Producer

CHECKPOINTS = "discern.checkpoints.v1"
EVALUATIONS = "discern.evaluations.v1"


def produce(broker):
    # The partitioner of the Java client and of Discern; librdkafka's own default is another one.
    producer = Producer({"bootstrap.servers": broker, "partitioner": "murmur2_random", "enable.idempotence": True})

    def send(topic, key, record):
        producer.produce(topic, key=key, value=msgpack.packb(record), headers={"from": "python"})

    weights = bytes(range(256)) * 10
    sha256 = hashlib.sha256(weights).hexdigest()
    identity = {"panel": "p", "variant": "topk", "trainSeed": 0, "step": 100, "tokens": 2**40}
    common = {"v": 1, "type": "checkpoint", "format": "sae_lens", "config": {"k": 16, "größe": None, "rate": 0.1}}
    claim = {"uri": "file:///weights", "sha256": sha256, "bytes": len(weights)}
    at = "2026-01-01T00:00:00Z"
    send(CHECKPOINTS, "claimed", {**common, **identity, "run": "claimed", "weights": claim, "publishedAt": at})
    inline = {"parts": 2, "bytes": len(weights), "sha256": sha256}
    send(CHECKPOINTS, "inline", {**common, **identity, "run": "inline", "weights": inline, "publishedAt": at})
    for part in range(2):
        data = weights[part * 2000 : (part + 1) * 2000]
        send(CHECKPOINTS, "inline", {"v": 1, "type": "chunk", "run": "inline", "step": 100, "part": part, "parts": 2, "data": data})
    send(CHECKPOINTS, "inline", {"v": 1, "type": "finished", "panel": "p", "run": "inline", "step": 100})
    score = {"metric": "sae_probes_auc", "param": "k=5", "task": None, "seed": 42, "value": 0.1 + 0.2, "evaluatedAt": at}
    key = json.dumps(["p", "claimed", 100, "sae_probes_auc", "k=5", None, 42], separators=(",", ":"))
    send(EVALUATIONS, key, {"v": 1, "type": "score", **identity, "run": "claimed", **score})
    producer.flush()


def consume(broker, topic, count):
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "python", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    while count > 0:
        message = consumer.poll(1.0)
        if message is None or message.error():
            continue
        count -= 1
        line = {
            "key": message.key().decode(),
            "partition": message.partition(),
            "headers": {name: value.decode() for name, value in message.headers() or []},
            "record": msgpack.unpackb(message.value()),
        }
        print(json.dumps(line, default=lambda value: {"hex": value.hex()}))
    consumer.close()


if sys.argv[1] == "produce":
    produce(sys.argv[2])
else:
    consume(sys.argv[2], sys.argv[3], int(sys.argv[4]))
