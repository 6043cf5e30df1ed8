"""Runs in the environment of Hugging Face transformers: loads GGUF files as dense tensors, and answers lines of JSON with lines of JSON."""

import json
import os
import resource
import sys
import time

# Before the libraries are there: only lines of ours belong on standard output, and nothing is to be fetched.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", HF_HUB_DISABLE_PROGRESS_BARS="1", TQDM_DISABLE="1")

import torch  # noqa: E402
import transformers  # noqa: E402


def tell(document: dict) -> None:
    answers.write(json.dumps(document) + "\n")
    answers.flush()


class Model:
    """One model and its tokenizer, out of one GGUF file."""

    def __init__(self, file: str, element_type: str):
        folder, name = os.path.split(file)
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder, gguf_file=name)
        self.model = transformers.AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=getattr(torch, element_type))
        self.model.eval()

    @torch.inference_mode()
    def complete(self, asked: dict) -> dict:
        inputs = self.tokenizer.apply_chat_template(
            asked["messages"], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        prompt_tokens = inputs["input_ids"].shape[1]
        torch.manual_seed(asked["seed"])
        choice = {"do_sample": False}
        if asked["temperature"] > 0:
            kept = {name: asked[name] for name in ("temperature", "top_k", "top_p", "min_p")}
            choice = {"do_sample": True, **kept}
        output = self.model.generate(
            **inputs,
            **choice,
            max_new_tokens=asked["max_tokens"],
            repetition_penalty=asked["repeat_penalty"],
            pad_token_id=self.tokenizer.eos_token_id,
            eos_token_id=self._ends(),
        )
        written = output[0, prompt_tokens:]
        return {
            "text": self.tokenizer.decode(written, skip_special_tokens=True),
            "prompt_tokens": prompt_tokens,
            "cached_tokens": 0,
            "completion_tokens": len(written),
        }

    def _ends(self) -> list[int]:
        """The tokens that end a turn: the file's own, and the chat format's, which a conversion may forget."""
        known = [self.tokenizer.eos_token_id]
        for text in ("<|im_end|>", "<|endoftext|>", "<|eot_id|>"):
            token = self.tokenizer.convert_tokens_to_ids(text)
            if token is not None and token != self.tokenizer.unk_token_id:
                known.append(token)
        return sorted({token for token in known if token is not None})


def main() -> None:
    setup = json.loads(sys.stdin.readline())
    torch.set_num_threads(setup["threads"])
    begin = time.monotonic()
    models = {name: Model(file, setup["element_type"]) for name, file in setup["files"].items()}
    tell({"load_seconds": time.monotonic() - begin, "torch": torch.__version__, "transformers": transformers.__version__})
    for line in sys.stdin:
        asked = json.loads(line)
        answer = models[asked["model"]].complete(asked)
        tell({**answer, "memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024})


if __name__ == "__main__":
    main()
