# A training of SAELens that Discern evaluates while it goes on; a few minutes on a CPU.
#
# pip install './python[bundle]'
# discern-bundle from-synthetic --model python/examples/synthetic_model.json --out synthetic-bundle
# npx discern serve --log-kafka-brokers localhost:9092 --panel synthetic=synthetic-bundle
# python python/examples/synthetic_training.py localhost:9092 0

import json
import sys
from pathlib import Path

from sae_lens import BatchTopKTrainingSAEConfig, LoggingConfig
from sae_lens.synthetic import SyntheticModelConfig, SyntheticSAERunner, SyntheticSAERunnerConfig

from discern_publish.sae_lens import Publisher, publish_training

brokers, seed = sys.argv[1:3]
run = f"batchtopk-k8-seed{seed}"
model = json.loads(Path(__file__).with_name("synthetic_model.json").read_text("utf-8"))

runner = SyntheticSAERunner(
    SyntheticSAERunnerConfig(
        synthetic_model=SyntheticModelConfig.from_dict(model),
        sae=BatchTopKTrainingSAEConfig(
            d_in=model["hidden_dim"], d_sae=200, k=8, normalize_activations="expected_average_only_in"
        ),
        training_samples=500_000,
        batch_size=512,
        lr=1e-3,
        n_batches_for_norm_estimate=20,
        checkpoint_path=None,
        output_path=f"trained/{run}",
        run_final_eval=False,
        logger=LoggingConfig(log_to_wandb=False),
    )
)
publish_training(runner, Publisher(brokers, panel="synthetic", run=run, train_seed=int(seed)), every=200)
runner.run()
