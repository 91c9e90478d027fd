"""One thread for the whole test run: forking after an operator has used two would hang the child."""

import torch

torch.set_num_threads(1)
