"""Another language at the same topics: what discern_publish sends, and what Discern sent as any client reads it.

    interop.py produce BROKER SHARE     publishes a checkpoint by claim check, one inline, and a score
    interop.py survive BROKER     publishes before, during and after an outage, as its standard input goes on
    interop.py consume BROKER TOPIC COUNT     prints records as JSON lines; bytes become {"hex": …}
"""

import json
import sys
import time

import msgpack
import numpy as np
from confluent_kafka import Consumer
from discern_publish import Publisher, Score, from_tensors, publish_scores


def checkpoint():
    d_in, d_sae = 300, 1000
    rng = np.random.default_rng(0)
    shapes = {"W_enc": (d_in, d_sae), "W_dec": (d_sae, d_in), "b_enc": (d_sae,), "b_dec": (d_in,)}
    tensors = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    made = from_tensors(tensors, architecture="topk", k=16)
    made.config["größe"] = None
    made.config["rate"] = 0.1
    return made


def produce(broker, share):
    for run, options in [("claimed", {"share": share}), ("inline", {})]:
        with Publisher(broker, panel="p", run=run, variant="topk", **options) as publisher:
            publisher.publish_checkpoint(checkpoint(), step=100, tokens=2**40)
    identity = {"panel": "p", "run": "claimed", "variant": "topk", "step": 100, "tokens": 2**40}
    publish_scores([Score(**identity, metric="mine", param="k=5", seed=42, value=0.1 + 0.2)], brokers=broker)


def survive(broker):
    publisher = Publisher(broker, panel="p", run="survivor")
    publisher.publish_checkpoint(checkpoint(), step=1, tokens=1)
    publisher.flush()
    say(publisher)
    sys.stdin.readline()
    started = time.monotonic()
    for step in range(2, 5):
        publisher.publish_checkpoint(checkpoint(), step=step, tokens=step)
    say(publisher, seconds=time.monotonic() - started)
    sys.stdin.readline()
    publisher.publish_checkpoint(checkpoint(), step=5, tokens=5)
    publisher.finish()
    publisher.close(120)
    say(publisher)


def say(publisher, **more):
    print(json.dumps({**vars(publisher.counters), **more}), flush=True)


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


match sys.argv[1]:
    case "produce":
        produce(sys.argv[2], sys.argv[3])
    case "survive":
        survive(sys.argv[2])
    case "consume":
        consume(sys.argv[2], sys.argv[3], int(sys.argv[4]))
