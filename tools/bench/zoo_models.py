"""The real models of the zoo bench, each as the file that a user would write for it.

Weights are drawn from a seed, sizes are small: what is measured is how models are written, not what they know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LIBRARIES = ("torchvision", "timm", "transformers", "zoo_written")


@dataclass(frozen=True, slots=True)
class Entry:
    """A model: how it is built, its example, and the sizes that a user would declare as dynamic."""

    library: str
    name: str
    build: str  # an expression
    inputs: str  # an expression: a tuple, or a dict by parameter name
    dynamic: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The model file."""
        return _FILE.format(library=self.library, build=self.build, inputs=self.inputs)


_FILE = """\
import torch
import torchvision_operators  # before anything that imports torchvision
import {library}


def build():
    torch.manual_seed(0)
    return {build}.eval()


def example_inputs():
    torch.manual_seed(1)
    return {inputs}
"""


def entries() -> Iterator[Entry]:
    """Every model, library by library."""
    yield from _torchvision()
    yield from _timm()
    yield from _transformers()
    for name, example, sizes in _WRITTEN:
        yield Entry("zoo_written", name, f"zoo_written.{name}()", example, sizes)


# torchvision: the argument is the size of the example; convolutional models take other sizes too.

_ANY_SIZE = (
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet", "mnasnet0_5",
    "mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf", "resnet18", "resnet50", "resnext50_32x4d",
    "shufflenet_v2_x0_5", "squeezenet1_1", "vgg11", "wide_resnet50_2", "swin_t", "swin_v2_t",
)  # fmt: skip
_WHOLE = "f32[B:1..3,3,H:64..128:32,W:64..128:32]"
_BATCH = "f32[B:1..3,3,{size},{size}]"


def _torchvision() -> Iterator[Entry]:
    for name in _ANY_SIZE:
        more = ", init_weights=False" if name == "googlenet" else ""
        yield _vision(name, f"torchvision.models.{name}(weights=None{more})", 64, _WHOLE)
    yield _vision("inception_v3", "torchvision.models.inception_v3(weights=None, init_weights=False)", 96)
    yield _vision("vit_b_16", "torchvision.models.vit_b_16(weights=None, image_size=64)", 64)
    maxvit = "input_size=(64, 64), stem_channels=16, partition_size=2, block_channels=[16, 32], block_layers=[1, 1]"
    yield _vision("maxvit", f"torchvision.models.MaxVit({maxvit}, head_dim=8, stochastic_depth_prob=0.2)", 64)
    for name in ("deeplabv3_mobilenet_v3_large", "fcn_resnet50", "lraspp_mobilenet_v3_large"):
        model = f"torchvision.models.segmentation.{name}(weights=None, weights_backbone=None)"
        yield _vision(name, model, 64, _WHOLE)
    fpn = 'torchvision.models.detection.backbone_utils.resnet_fpn_backbone(backbone_name="resnet18", weights=None)'
    yield _vision("resnet_fpn_backbone", fpn, 64, _WHOLE)
    features = 'torchvision.models.feature_extraction.create_feature_extractor(torchvision.models.resnet18(), ["layer2"])'
    yield _vision("feature_extractor", features, 64, _WHOLE)
    for name in ("ssdlite320_mobilenet_v3_large", "retinanet_resnet50_fpn"):
        model = f"torchvision.models.detection.{name}(weights=None, weights_backbone=None)"
        yield Entry("torchvision", name, model, "([torch.rand(3, 96, 128)],)")
    for name in ("mc3_18", "r2plus1d_18"):
        video = f"torchvision.models.video.{name}(weights=None)"
        yield Entry("torchvision", name, video, "(torch.rand(1, 3, 8, 32, 32),)", ("f32[B:1..2,3,T:4..12:4,32,32]",))
    pair = "(torch.rand(1, 3, 128, 128), torch.rand(1, 3, 128, 128))"
    yield Entry("torchvision", "raft_small", "torchvision.models.optical_flow.raft_small(weights=None)", pair)


def _vision(name: str, build: str, size: int, dynamic: str = "", library: str = "torchvision") -> Entry:
    spec = dynamic or _BATCH.format(size=size)
    return Entry(library, name, build, f"(torch.rand(1, 3, {size}, {size}),)", (spec,))


# timm

_CONVOLUTIONAL = (
    "convnext_atto", "darknet53", "densenet121", "dla34", "dpn48b", "efficientnet_lite0", "fastvit_t8", "ghostnet_050",
    "hardcorenas_a", "hgnetv2_b0", "hrnet_w18_small", "inception_next_atto", "lcnet_050", "mobilenetv3_small_050",
    "mobilenetv4_conv_small_050", "mobileone_s0", "nf_resnet26", "regnetx_002", "regnety_002", "repghostnet_050",
    "repvgg_a0", "resnest14d", "resnet10t", "rexnet_100", "selecsls42", "semnasnet_050", "starnet_s1", "tinynet_e",
    "vovnet39a", "res2net50_14w_8s", "skresnet18", "xception41", "cspresnet50", "eca_botnext26ts_256", "gernet_s",
)  # fmt: skip
_FIXED_SIZE = {
    "beit_base_patch16_224": "img_size=64, depth=2", "cait_xxs24_224": "img_size=64, depth=2",
    "coat_lite_tiny": "img_size=64", "convit_tiny": "img_size=64, depth=3", "crossvit_tiny_240": "",
    "deit3_small_patch16_224": "img_size=64, depth=2", "edgenext_xx_small": "", "efficientformer_l1": "",
    "eva02_tiny_patch14_224": "img_size=56, depth=2", "gmixer_12_224": "", "levit_128s": "", "maxvit_rmlp_pico_rw_256": "",
    "mixer_s32_224": "", "mobilevit_xxs": "", "mobilevitv2_050": "", "mvitv2_tiny": "", "pit_ti_224": "",
    "poolformer_s12": "", "pvt_v2_b0": "", "resmlp_12_224": "", "swin_tiny_patch4_window7_224": "",
    "swinv2_cr_tiny_224": "", "tiny_vit_5m_224": "", "twins_svt_small": "", "vit_tiny_patch16_224": "img_size=64, depth=2",
    "volo_d1_224": "", "xcit_nano_12_p16_224": "", "nest_tiny": "", "sequencer2d_s": "", "caformer_s18": "",
    "vit_small_patch14_dinov2": "img_size=56, depth=2", "naflexvit_base_patch16_gap": "",
}  # fmt: skip
_NATIVE = {"crossvit_tiny_240": 240, "maxvit_rmlp_pico_rw_256": 256, "convit_tiny": 64}


def _timm() -> Iterator[Entry]:
    for name in _CONVOLUTIONAL:
        size = 256 if name.endswith("_256") else 64
        yield _vision(name, f'timm.create_model("{name}")', size, _WHOLE if size == 64 else "", "timm")
    for name, options in _FIXED_SIZE.items():
        size = _NATIVE.get(name, 224)
        if "img_size" in options:
            size = int(options.split("img_size=")[1].split(",")[0])
        yield _vision(name, f'timm.create_model("{name}"{", " * bool(options)}{options})', size, "", "timm")


# transformers: every architecture from a small configuration.

_TEXT = "dict(input_ids=torch.randint(3, 99, (1, 12)), attention_mask=torch.ones(1, 12, dtype=torch.long))"
_TEXT_SIZES = ("input_ids=i64[B:1..3,T:1..16]{0..98}", "attention_mask=i64[B,T]{0..1}")
_SMALL = "vocab_size=99, hidden_size=32, num_hidden_layers=2, num_attention_heads=4"
_ENCODER = f"{_SMALL}, intermediate_size=37"
_DECODER = f"{_ENCODER}, num_key_value_heads=2"
_PLAIN = "return_dict=False"
_NO_CACHE = "return_dict=False, use_cache=False"  # some models cannot do without their own dicts: `use_cache=False` alone


def _transformers() -> Iterator[Entry]:
    for name, classes, options in _TEXT_MODELS:
        model, config = (classes.split() * 2)[:2] if " " in classes else (f"{classes}Model", f"{classes}Config")
        build = f"transformers.{model}(transformers.{config}({options}))"
        yield Entry("transformers", name, build, _TEXT, _TEXT_SIZES)
    for name, build, size in _IMAGE_MODELS:
        batch = (f"pixel_values=f32[B:1..3,3,{size},{size}]",)
        yield Entry("transformers", name, build, f"dict(pixel_values=torch.rand(1, 3, {size}, {size}))", batch)
    yield from _AUDIO_MODELS


_TEXT_MODELS = (
    ("bert", "Bert", f"{_ENCODER}, {_PLAIN}"),
    ("bert-defaults", "Bert", _ENCODER),
    ("bert-eager", "Bert", f'{_ENCODER}, {_PLAIN}, attn_implementation="eager"'),
    ("bert-classifier", "BertForSequenceClassification BertConfig", f"{_ENCODER}, {_PLAIN}"),
    ("distilbert", "DistilBert", f"vocab_size=99, dim=32, n_layers=2, n_heads=4, hidden_dim=37, {_PLAIN}"),
    ("distilbert-defaults", "DistilBert", "vocab_size=99, dim=32, n_layers=2, n_heads=4, hidden_dim=37"),
    ("roberta", "Roberta", f"{_ENCODER}, {_PLAIN}"),
    ("albert", "Albert", f"{_ENCODER}, embedding_size=16, {_PLAIN}"),
    ("electra", "Electra", f"{_ENCODER}, embedding_size=16, {_PLAIN}"),
    ("mpnet", "MPNet", f"{_ENCODER}, {_PLAIN}"),
    ("deberta-v2", "DebertaV2", f"{_ENCODER}, {_PLAIN}"),
    ("deberta-v2-relative", "DebertaV2", f'{_ENCODER}, relative_attention=True, pos_att_type=["p2c", "c2p"], {_PLAIN}'),
    ("modernbert", "ModernBert", f"{_ENCODER}, pad_token_id=0, cls_token_id=1, sep_token_id=2, {_PLAIN}"),
    ("gpt2", "GPT2", f"vocab_size=99, n_embd=32, n_layer=2, n_head=4, {_NO_CACHE}"),
    ("gpt2-defaults", "GPT2", "vocab_size=99, n_embd=32, n_layer=2, n_head=4"),
    ("gpt2-no-dict", "GPT2", f"vocab_size=99, n_embd=32, n_layer=2, n_head=4, {_PLAIN}"),
    ("gpt2-lm", "GPT2LMHeadModel GPT2Config", "vocab_size=99, n_embd=32, n_layer=2, n_head=4, use_cache=False"),
    ("gpt-neox", "GPTNeoX", f"{_ENCODER}, {_NO_CACHE}"),
    ("opt", "OPT", f"{_SMALL}, ffn_dim=37, word_embed_proj_dim=32, use_cache=False"),
    ("bloom", "Bloom", f"vocab_size=99, hidden_size=32, n_layer=2, n_head=4, {_NO_CACHE}"),
    ("llama", "Llama", f"{_DECODER}, {_NO_CACHE}"),
    ("llama-defaults", "Llama", _DECODER),
    ("llama-lm", "LlamaForCausalLM LlamaConfig", f"{_DECODER}, use_cache=False"),
    ("llama-classifier", "LlamaForSequenceClassification LlamaConfig", f"{_DECODER}, pad_token_id=0, use_cache=False"),
    ("mistral", "Mistral", f"{_DECODER}, sliding_window=8, {_NO_CACHE}"),
    ("qwen2", "Qwen2", f"{_DECODER}, {_NO_CACHE}"),
    ("gemma", "Gemma", f"{_DECODER}, head_dim=8, {_NO_CACHE}"),
    ("phi", "Phi", f"{_DECODER}, {_NO_CACHE}"),
    ("mixtral", "Mixtral", f"{_SMALL}, intermediate_size=48, num_key_value_heads=2, num_local_experts=2, use_cache=False"),
    ("t5-encoder", "T5EncoderModel T5Config", f"vocab_size=99, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4, {_PLAIN}"),
    ("clip-text", "CLIPTextModel CLIPTextConfig", f"{_ENCODER}, eos_token_id=98, {_PLAIN}"),
    ("xlnet", "XLNet", f"vocab_size=99, d_model=32, n_layer=2, n_head=4, d_inner=37, use_mems_eval=False, {_PLAIN}"),
    ("longformer", "Longformer", f"{_ENCODER}, attention_window=4, {_PLAIN}"),
    ("funnel", "Funnel", f"vocab_size=99, block_sizes=[1, 1], d_model=32, n_head=4, d_head=8, d_inner=37, {_PLAIN}"),
)  # fmt: skip

_PATCHES = "hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=37, image_size=32, patch_size=8"
_WINDOWS = "image_size=64, patch_size=4, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4"
_PYRAMID = "hidden_sizes=[8, 16, 32, 64], num_attention_heads=[1, 1, 2, 4]"
_NECK = "image_size=64, hidden_sizes=[32, 48, 64], neck_hidden_sizes=[8, 16, 24, 32, 48, 64, 96]"
_IMAGE_MODELS = (
    ("vit", f"transformers.ViTModel(transformers.ViTConfig({_PATCHES}, {_PLAIN}))", 32),
    ("vit-defaults", f"transformers.ViTModel(transformers.ViTConfig({_PATCHES}))", 32),
    ("deit", f"transformers.DeiTModel(transformers.DeiTConfig({_PATCHES}, {_PLAIN}))", 32),
    ("beit", f"transformers.BeitModel(transformers.BeitConfig({_PATCHES}, {_PLAIN}))", 32),
    ("dinov2", f"transformers.Dinov2Model(transformers.Dinov2Config({_PATCHES}))", 32),
    ("clip-vision", f"transformers.CLIPVisionModel(transformers.CLIPVisionConfig({_PATCHES}, {_PLAIN}))", 32),
    ("clip-vision-defaults", f"transformers.CLIPVisionModel(transformers.CLIPVisionConfig({_PATCHES}))", 32),
    ("siglip-vision", f"transformers.SiglipVisionModel(transformers.SiglipVisionConfig({_PATCHES}, {_PLAIN}))", 32),
    ("swin", f"transformers.SwinModel(transformers.SwinConfig({_WINDOWS}))", 64),
    ("convnext", "transformers.ConvNextModel(transformers.ConvNextConfig(hidden_sizes=[8, 16, 32, 64]))", 64),
    ("segformer", f"transformers.SegformerModel(transformers.SegformerConfig({_PYRAMID}, {_PLAIN}))", 64),
    ("mobilevit", f"transformers.MobileViTModel(transformers.MobileViTConfig({_NECK}, {_PLAIN}))", 64),
    ("resnet", f"transformers.ResNetModel(transformers.ResNetConfig(depths=[1, 1, 1, 1], {_PLAIN}))", 64),
)  # fmt: skip

_SPEECH = "hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=37, num_conv_pos_embeddings=16"
_SPEECH_MORE = (
    "conv_dim=[16, 16], conv_kernel=[10, 3], conv_stride=[5, 2], num_conv_pos_embedding_groups=2, num_feat_extract_layers=2"
)
_WHISPER = "d_model=32, encoder_layers=2, encoder_attention_heads=4, encoder_ffn_dim=37, max_source_positions=50, num_mel_bins=8"
_WAVE = ("f32[B:1..2,T:300..600:100]",)
_AUDIO_MODELS = (
    Entry("transformers", "whisper-encoder",
          f"transformers.models.whisper.modeling_whisper.WhisperEncoder(transformers.WhisperConfig({_WHISPER}, {_PLAIN}))",
          "(torch.rand(1, 8, 100),)", ("f32[B:1..3,8,100]",)),
    Entry("transformers", "wav2vec2",
          f"transformers.Wav2Vec2Model(transformers.Wav2Vec2Config({_SPEECH}, {_SPEECH_MORE}, {_PLAIN}))",
          "(torch.rand(1, 400),)", _WAVE),
    Entry("transformers", "wav2vec2-defaults",
          f"transformers.Wav2Vec2Model(transformers.Wav2Vec2Config({_SPEECH}, {_SPEECH_MORE}))",
          "(torch.rand(1, 400),)", _WAVE),
    Entry("transformers", "hubert",
          f"transformers.HubertModel(transformers.HubertConfig({_SPEECH}, {_SPEECH_MORE}))",
          "(torch.rand(1, 400),)", _WAVE),
    Entry("transformers", "bart",
          "transformers.BartModel(transformers.BartConfig(vocab_size=99, d_model=32, encoder_layers=2, decoder_layers=2, "
          "encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=37, decoder_ffn_dim=37, use_cache=False))",
          _TEXT, _TEXT_SIZES),
    Entry("transformers", "t5",
          "transformers.T5Model(transformers.T5Config(vocab_size=99, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4, "
          "use_cache=False))",
          "dict(input_ids=torch.randint(3, 99, (1, 12)), decoder_input_ids=torch.randint(3, 99, (1, 5)))",
          ("input_ids=i64[B:1..3,T:1..16]{0..98}", "decoder_input_ids=i64[B,U:1..8]{0..98}")),
)  # fmt: skip

# Written here, in the style of repositories.

_PAST = "f32[B,2,P:0..8,8]"
_WRITTEN = (
    ("UNet", "(torch.rand(1, 3, 32, 32),)", ("f32[B:1..3,3,H:16..40:4,W:16..40:4]",)),
    ("HifiGan", "(torch.rand(1, 8, 20),)", ("f32[B:1..3,8,T:1..40]",)),
    ("Transducer", "(torch.rand(2, 9, 8), torch.randint(1, 12, (2, 4)))", ("f32[B:1..4,T:1..16,8]", "i64[B,U:1..8]{0..11}")),
    ("YoloHead", "(torch.rand(1, 3, 64, 64),)", ("f32[B:1..3,3,H:32..96:32,W:32..96:32]",)),
    ("Detr", "(torch.rand(1, 3, 64, 64),)", ("f32[B:1..3,3,H:32..96:8,W:32..96:8]",)),
    ("PointNet", "(torch.rand(2, 32, 3),)", ("f32[B:1..4,N:4..64,3]",)),
    ("GraphConv", "(torch.rand(5, 6), torch.randint(0, 5, (2, 9)))", ("f32[5,6]", "i64[2,E:1..20]{0..4}")),
    ("Vae", "(torch.rand(3, 20),)", ("f32[B:1..8,20]{0..1}",)),
    ("DiffusionUNet", "(torch.rand(1, 3, 8, 8), torch.tensor([7]))", ("f32[B:1..3,3,H:4..16,W:4..16]", "i64[1]{0..999}")),
    ("MixtureOfExperts", "(torch.rand(2, 6, 8),)", ("f32[B:1..3,T:1..12,8]{-2..2}",)),
    ("CachedGpt", "(torch.randint(0, 30, (1, 3)), torch.rand(1, 2, 4, 8), torch.rand(1, 2, 4, 8))",
     ("i64[B:1..3,T:1..8]{0..29}", _PAST, _PAST)),
    ("RelativeEncoder", "(torch.randint(0, 40, (2, 7)), torch.ones(2, 7, dtype=torch.bool))",
     ("i64[B:1..3,T:1..16]{0..39}", "bool[B,T]")),
    ("WindowedEncoder", "(torch.rand(1, 3, 16, 16),)", ("f32[B:1..3,3,H:8..32:2,W:8..32:2]",)),
    ("SpeechEncoder", "(torch.rand(2, 400), torch.tensor([400, 300]))", ("f32[B:1..3,T:200..600]", "i64[B]{100..200}")),
)  # fmt: skip
