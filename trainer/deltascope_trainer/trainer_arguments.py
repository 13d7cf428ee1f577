"""What transformers.Trainer is told: every default that would print, save, stop or round by itself is set."""

from pathlib import Path

from transformers import TrainingArguments

from .config import RunConfig


def training_arguments(config: RunConfig, run: Path, accumulation: int) -> TrainingArguments:
    """`accumulation` is the count of device batches that make one process's share of a step."""
    return TrainingArguments(
        output_dir=str(run),
        per_device_train_batch_size=config.batch.device,
        gradient_accumulation_steps=accumulation,
        num_train_epochs=config.epochs or 1,
        max_steps=config.max_steps or -1,
        max_grad_norm=config.clip or 0.0,
        optim="adamw_torch",
        bf16=config.precision == "bf16",
        fp16=config.precision == "fp16",
        use_cpu=config.device == "cpu",
        activation_checkpointing=config.activation_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        seed=config.seed,
        data_seed=config.seed,
        logging_strategy="steps",
        logging_steps=config.log.every,
        logging_nan_inf_filter=False,
        save_strategy="no",
        save_total_limit=None,
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=config.device.startswith("cuda"),
        dataloader_num_workers=0,
        remove_unused_columns=False,
        include_num_input_tokens_seen="non_padding",
        auto_find_batch_size=False,
        label_names=["labels"],
        ddp_find_unused_parameters=False,
    )
