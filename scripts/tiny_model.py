#!/usr/bin/env python3
"""Writes a model file of a few megabytes that llama.cpp loads and computes: the vocabulary and template of a real one, and two small layers of random
weights. What it writes is nonsense; it serves tools that make everything many times as slow, such as valgrind.

    scripts/tiny_model.py SmolLM2-135M-Instruct.Q4_1.gguf tiny.gguf
"""

import random
import struct
import sys

WIDTH, HIDDEN, HEADS, KV_HEADS, HEAD, LAYERS = 64, 128, 2, 1, 32, 2
SIZES = {
    "block_count": LAYERS,
    "embedding_length": WIDTH,
    "feed_forward_length": HIDDEN,
    "attention.head_count": HEADS,
    "attention.head_count_kv": KV_HEADS,
    "rope.dimension_count": HEAD,
    "attention.key_length": HEAD,
    "attention.value_length": HEAD,
}
# By GGUF's number of a type: how it is packed.
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
UINT32, STRING, ARRAY = 4, 8, 9
F32, Q8_0 = 0, 8
ALIGNMENT = 32


class Reader:
    """The head of a GGUF file, read from its start."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def scalar(self, kind):
        size = struct.calcsize("<" + kind)
        (value,) = struct.unpack_from("<" + kind, self.data, self.place)
        self.place += size
        return value

    def string(self):
        length = self.scalar("Q")
        self.place += length
        return bytes(self.data[self.place - length : self.place])

    def skip(self, kind):
        if kind == STRING:
            self.string()
        elif kind == ARRAY:
            kind, count = self.scalar("I"), self.scalar("Q")
            for _ in range(count):
                self.skip(kind)
        else:
            self.scalar(SCALARS[kind])

    def metadata(self):
        """Each key with its type and value, as they lie in the file."""
        if bytes(self.data[:4]) != b"GGUF":
            sys.exit("this is not a GGUF file")
        self.place = 4
        self.scalar("I")
        self.scalar("Q")
        for _ in range(self.scalar("Q")):
            key, start = self.string(), self.place
            self.skip(self.scalar("I"))
            yield key, bytes(self.data[start : self.place])


def tensors(words):
    """Each tensor's name and shape."""
    yield "token_embd.weight", (WIDTH, words)
    yield "output_norm.weight", (WIDTH,)
    for layer in range(LAYERS):
        shapes = {
            "attn_norm": (WIDTH,),
            "attn_q": (WIDTH, HEADS * HEAD),
            "attn_k": (WIDTH, KV_HEADS * HEAD),
            "attn_v": (WIDTH, KV_HEADS * HEAD),
            "attn_output": (HEADS * HEAD, WIDTH),
            "ffn_norm": (WIDTH,),
            "ffn_gate": (WIDTH, HIDDEN),
            "ffn_up": (WIDTH, HIDDEN),
            "ffn_down": (HIDDEN, WIDTH),
        }
        for name, shape in shapes.items():
            yield f"blk.{layer}.{name}.weight", shape


def weights(shape, draw):
    """Ones for a norm, else random numbers in blocks of 32 with one scale."""
    if len(shape) == 1:
        return F32, struct.pack(f"<{shape[0]}f", *[1.0] * shape[0])
    scale = struct.pack("<e", 0.002)
    count = shape[0] * shape[1] // 32
    drawn = draw.randbytes(32 * count)
    return Q8_0, b"".join(scale + drawn[32 * block : 32 * block + 32] for block in range(count))


def text(value):
    return struct.pack("<Q", len(value)) + value


def main(source, target):
    with open(source, "rb") as file:
        metadata = dict(Reader(memoryview(file.read())).metadata())
    kind = metadata[b"general.architecture"][12:].decode()
    if kind != "llama":
        sys.exit(f"a model of the kind llama is needed, not {kind}")
    for key, value in SIZES.items():
        name = f"{kind}.{key}".encode()
        if name in metadata:
            metadata[name] = struct.pack("<II", UINT32, value)
    words = struct.unpack_from("<Q", metadata[b"tokenizer.ggml.tokens"], 8)[0]
    head = b"".join(text(key) + value for key, value in metadata.items())
    table, data, draw, count = b"", b"", random.Random(7), 0
    for name, shape in tensors(words):
        kind_number, packed = weights(shape, draw)
        table += text(name.encode()) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind_number, len(data))
        data += packed + bytes(-len(packed) % ALIGNMENT)
        count += 1
    begin = b"GGUF" + struct.pack("<IQQ", 3, count, len(metadata)) + head + table
    with open(target, "wb") as file:
        file.write(begin + bytes(-len(begin) % ALIGNMENT) + data)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
