"""Without the other libraries the live comparison is not collected, and `make oracles`, which asks for it, fails."""

from importlib.util import find_spec

LIVE = [
    "test_live.py",
    "test_container_readers.py",
    "test_loaders.py",
    "test_dialects_live.py",
    "test_policies_live.py",
    "test_torch.py",
    "test_voc_oracles.py",
    "test_mask_oracles.py",
    "test_yolo_oracles.py",
    "test_coco_oracles.py",
]

collect_ignore = [] if find_spec("torch") else LIVE
collect_ignore += [] if find_spec("ultralytics") else ["test_ultralytics_live.py"]
collect_ignore += [] if find_spec("nlpaug") else ["test_text_dialects_live.py"]
collect_ignore += [] if find_spec("transformers") and find_spec("ctranslate2") else ["test_text_models.py"]
