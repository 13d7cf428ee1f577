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
    """Divides each layer and then what is left among all processes, and leaves only this process's part on its device.

    The weights are those of the first process; the others may hold the outline of the same model. What is divided is
    sent to all before, layer by layer, so no process but the first ever holds more than its part and one layer.
    torch.distributed must be up. Raises `model.load` for an architecture that does not say what its layers are: whole,
    it would be gathered at each step.
    """
    import torch
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    layers = _layers(model)
    if not layers:
        raise RunError("model.load", f"{type(model).__name__} does not name its layers; train with `sharding: none`")
    mesh = init_device_mesh(device.type, (torch.distributed.get_world_size(),))
    _check_alike(model)
    for part in (*layers, model):
        _receive(part, device)
        fully_shard(part, mesh=mesh)


def _check_alike(model: Any) -> None:
    """A tensor that one process lacks, or has in another shape, would leave all waiting for each other."""
    import torch

    own = _tensors_of(model)
    sent: list[Any] = [[(name, tensor.shape, tensor.dtype) for name, tensor in own]]
    torch.distributed.broadcast_object_list(sent, src=0)
    for (name, tensor), (wanted, shape, dtype) in zip(own, sent[0], strict=False):
        if (name, tensor.shape) != (wanted, shape):
            raise RunError("model.load", f"config.json describes {name} {tuple(tensor.shape)}, not the base's {wanted}")
        if tensor.is_meta:
            tensor.data = tensor.data.to(dtype)  # some layers stay in fp32 when they are loaded
    if len(own) != len(sent[0]):
        raise RunError("model.load", f"config.json describes {len(own)} tensors, the base has {len(sent[0])}")


def _tensors_of(model: Any) -> list[tuple[str, Any]]:
    return [*model.named_parameters(), *model.named_buffers()]


def _receive(part: Any, device: Any) -> None:
    """Puts the first process's parameters and buffers of a part, but for those divided already, on each device."""
    moved: dict[int, Any] = {}  # tied ones stay one
    for module in part.modules():
        for own in (module._parameters, module._buffers):
            for name, tensor in own.items():
                if tensor is None or hasattr(tensor, "full_tensor"):
                    continue
                if id(tensor) not in moved:
                    moved[id(tensor)] = (tensor, _received(tensor, device))
                own[name] = moved[id(tensor)][1]


def _received(tensor: Any, device: Any) -> Any:
    import torch

    data = torch.empty_like(tensor, device=device) if tensor.is_meta else tensor.detach().to(device).contiguous()
    torch.distributed.broadcast(data, src=0)
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(data, requires_grad=tensor.requires_grad)
    return data


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
