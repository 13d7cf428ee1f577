"""Weights, gradients and optimizer states divided among the processes of a run, by torch's `fully_shard` (FSDP 2)."""

from typing import Any

from .config import RunConfig
from .errors import RunError


def why_not_sharded(config: RunConfig) -> str | None:
    """What of a configuration does not go with sharding."""
    if config.method == "qlora":
        return "the packed weights of a 4-bit base cannot be divided"
    if config.precision == "fp16":
        return "its loss scaling is not shared by the processes; take bf16 or fp32"
    return None


def shard(model: Any, device: Any) -> None:
    """Divides each layer and then what is left among all processes, and moves only this process's part to its device.

    Every process must hold the same model; torch.distributed must be up. Raises `model.load` for an architecture
    that does not say what its layers are: whole, it would be gathered at each step.
    """
    import torch
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    layers = _layers(model)
    if not layers:
        raise RunError("model.load", f"{type(model).__name__} does not name its layers; train with `sharding: none`")
    mesh = init_device_mesh(device.type, (torch.distributed.get_world_size(),))
    for part in (*layers, model):
        fully_shard(part, mesh=mesh)


def _layers(model: Any) -> list[Any]:
    """Those that the architecture names as whole, inner ones first."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    names = set(getattr(inner, "_no_split_modules", None) or ())
    return [module for module in inner.modules() if type(module).__name__ in names][::-1]


def whole_state(model: Any, trained_only: bool, keep: bool) -> dict[str, Any]:
    """The model's state with undivided tensors in host memory; tied ones stay one. Empty unless `keep`.

    All processes must call it.
    """
    gathered: dict[int, Any] = {}
    state = {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        if trained_only and not tensor.requires_grad:
            continue
        if id(tensor) not in gathered:
            gathered[id(tensor)] = _whole(tensor, keep)
        state[name] = gathered[id(tensor)]
    return state if keep else {}


def whole_optimizer_state(optimizer: Any, keep: bool) -> dict[str, Any]:
    """As an optimizer that is not divided would save it. Empty unless `keep`; all processes must call it."""
    document = optimizer.state_dict()
    states = {
        place: {name: _whole(value, keep) for name, value in state.items()}
        for place, state in document["state"].items()
    }
    return {**document, "state": states} if keep else {}


def load_optimizer_state(optimizer: Any, document: dict[str, Any]) -> None:
    """Takes this process's part of a whole state."""
    from torch.distributed.tensor import distribute_tensor

    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]

    def part(parameter: Any, value: Any) -> Any:
        if getattr(value, "shape", None) != parameter.shape:
            return value  # the count of steps
        return distribute_tensor(value, parameter.device_mesh, parameter.placements, src_data_rank=None)

    states = {
        place: {name: part(parameters[place], value) for name, value in state.items()}
        for place, state in document["state"].items()
    }
    optimizer.load_state_dict({**document, "state": states})


def whole(tensor: Any) -> Any:
    """An undivided tensor as it is; of a divided one all parts, which all processes must ask for."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def _whole(value: Any, keep: bool) -> Any:
    found = whole(value)
    if not keep:
        return None
    return found.detach().cpu() if hasattr(found, "detach") else found
