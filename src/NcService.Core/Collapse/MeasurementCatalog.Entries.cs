namespace NcService.Core.Collapse;

public static partial class MeasurementCatalog
{
    private const string Galanti = "Galanti, György & Hutter 2021, arXiv:2112.15121";
    private const string Papyan = "Papyan, Han & Donoho 2020, arXiv:2008.08186";
    private const string WuPapyan = "Wu & Papyan 2024, arXiv:2405.17767";
    private const string XuLiu = "Xu & Liu 2023, arXiv:2306.03440";
    private const string Kothapalli = "Kothapalli 2022, arXiv:2206.04041";
    private const string LiuHyperspherical = "Liu et al. 2023, arXiv:2303.06484";
    private const string Ammar = "Ammar et al. 2023, arXiv:2310.06823";
    private const string RoyVetterli = "Roy & Vetterli 2007, The effective rank (EUSIPCO)";
    private const string RudelsonVershynin = "Rudelson & Vershynin 2007, arXiv:math/0503442";

    private static IEnumerable<MeasurementDefinition> Entries() =>
    [
        .. WithinClassVariability(), .. Equinormness(), .. Equiangularity(), .. Uniformity(), .. SelfDuality(),
        .. Agreement(), .. OutOfDistributionAndSpectrum(), .. Generalisation(),
    ];

    private static IEnumerable<MeasurementDefinition> WithinClassVariability() =>
    [
        new("cdnv", "NC1", "Class-distance normalised variance",
            "How widely the embeddings of a token scatter compared with how far the centres of two tokens lie apart; 0 is full collapse.",
            "mean over pairs of (s²_c + s²_c′) / (2‖μ_c − μ_c′‖²)", Galanti, LogAxisHelps: true),
        new("cdnv_dist4", "NC1", "CDNV with the fourth power of the distance",
            "The scatter measure as the authors' program computed it, with the squared distance squared once more; it is what the published tables hold.",
            "mean over pairs of (s²_c + s²_c′) / (2‖μ_c − μ_c′‖⁴)", WuPapyan, LogAxisHelps: true),
        new("nc1_pinv", "NC1", "Within-class against between-class covariance",
            "The classical collapse measure: the scatter within classes, weighed in each direction by the spread of the class centres there.",
            "Tr(Σ_W Σ_B⁺) / |C|", Papyan, LogAxisHelps: true),
        new("nc1_quotient", "NC1", "Ratio of covariance traces",
            "Total scatter within classes divided by the total spread of the class centres.",
            "Tr Σ_W / Tr Σ_B", Papyan, LogAxisHelps: true),
        new("vci", "NC1", "Variability collapse index",
            "The share of variance, averaged over the directions that the class centres span, that is scatter within classes; 0 is full collapse, 1 is none.",
            "1 − Tr(Σ_T⁺ Σ_B) / rank Σ_B, Σ_T = Σ_W + Σ_B", XuLiu, LogAxisHelps: false),
    ];

    private static IEnumerable<MeasurementDefinition> Equinormness() =>
    [
        new("norms_mean", "NC2", "Norms of centred means, mean",
            "How far class centres lie from their common centre on average.", "mean over classes of ‖m_c‖", Papyan, LogAxisHelps: true),
        new("norms_std", "NC2", "Norms of centred means, spread",
            "How much the distances of class centres from their common centre differ.", "standard deviation over classes of ‖m_c‖", Papyan, LogAxisHelps: true),
        new("norms_cov", "NC2", "Norms of centred means, relative spread",
            "The spread of those distances relative to their mean; 0 means all centres lie equally far out.", "std / mean of ‖m_c‖", Papyan, LogAxisHelps: true),
        new("lognorms_mean", "NC2", "Log norms, mean",
            "The mean logarithm of the distances of class centres from their common centre.", "mean over classes of ln ‖m_c‖", WuPapyan, LogAxisHelps: false),
        new("lognorms_std", "NC2", "Log norms, spread",
            "The spread of the logarithms of those distances, which does not depend on the overall scale.",
            "standard deviation over classes of ln ‖m_c‖", WuPapyan, LogAxisHelps: true),
        new("lognorms_cov", "NC2", "Equinormness",
            "The study's equinormness: relative spread of the log distances of class centres; its size misleads where the mean is near zero.",
            "std / mean of ln ‖m_c‖", WuPapyan, LogAxisHelps: false),
    ];

    private static IEnumerable<MeasurementDefinition> Equiangularity() =>
    [
        new("interference_mean", "NC2", "Interference, mean",
            "The mean cosine between the directions of two class centres; a perfect simplex has −1/(|C|−1).",
            "mean over pairs of u_c·u_c′", Papyan, LogAxisHelps: false),
        new("interference_std", "NC2", "Interference, spread",
            "How unequal the angles between class centres are; 0 means that all pairs form the same angle.",
            "standard deviation over pairs of u_c·u_c′", Papyan, LogAxisHelps: true),
        new("interference_cov", "NC2", "Equiangularity (relative spread)",
            "The spread of those cosines relative to their mean, which is near zero and negative: read it beside mean and spread.",
            "std / mean of u_c·u_c′", WuPapyan, LogAxisHelps: false),
        new("etf_error", "NC2", "Distance from a simplex ETF",
            "How far the arrangement of class centres is from the perfectly symmetric one (a simplex equiangular tight frame).",
            "‖G/‖G‖_F − (I − 11ᵀ/|C|)/√(|C|−1)‖_F, G = M Mᵀ", Kothapalli, LogAxisHelps: false),
    ];

    private static IEnumerable<MeasurementDefinition> Uniformity() =>
    [
        new("logdist_mean", "GNC2", "Log distance on the sphere, mean",
            "How closely the directions of class centres crowd together, measured by the logarithm of inverse distances; lower is more even.",
            "mean over pairs of ln(1/‖u_c − u_c′‖)", LiuHyperspherical, LogAxisHelps: false),
        new("logdist_std", "GNC2", "Log distance on the sphere, spread",
            "How unevenly the directions of class centres are spaced.",
            "standard deviation over pairs of ln(1/‖u_c − u_c′‖)", LiuHyperspherical, LogAxisHelps: true),
        new("logdist_cov", "GNC2", "Hyperspherical uniformity",
            "The study's uniformity measure: the relative spread of those log distances, negative where their mean is.",
            "std / mean of ln(1/‖u_c − u_c′‖)", WuPapyan, LogAxisHelps: false),
        new("logdist_uncentred_mean", "GNC2", "Log distance of uncentred means, mean",
            "The same crowding measured on class means that were not centred first, as in the published table.",
            "mean over pairs of ln(1/‖v_c − v_c′‖), v_c = μ_c/‖μ_c‖", WuPapyan, LogAxisHelps: false),
        new("logdist_uncentred_std", "GNC2", "Log distance of uncentred means, spread",
            "How unevenly the directions of uncentred class means are spaced.",
            "standard deviation over pairs of ln(1/‖v_c − v_c′‖), v_c = μ_c/‖μ_c‖", WuPapyan, LogAxisHelps: true),
        new("logdist_uncentred_cov", "GNC2", "Hyperspherical uniformity of uncentred means",
            "The relative spread of log distances between uncentred class means: what the published table's uniformity column is made of.",
            "std / mean of ln(1/‖v_c − v_c′‖), v_c = μ_c/‖μ_c‖", WuPapyan, LogAxisHelps: false),
        new("riesz_mean", "GNC2", "Riesz energy, mean",
            "The mean repulsion between the directions of class centres if they were charges on a sphere; lower is more even.",
            "mean over pairs of sign(s)‖u_c − u_c′‖^(−s), s = 1 unless given", LiuHyperspherical, LogAxisHelps: false),
        new("riesz_std", "GNC2", "Riesz energy, spread",
            "How much that repulsion differs from pair to pair.",
            "standard deviation over pairs of sign(s)‖u_c − u_c′‖^(−s)", LiuHyperspherical, LogAxisHelps: true),
    ];

    private static IEnumerable<MeasurementDefinition> SelfDuality() =>
    [
        new("selfdual_mean", "NC3", "Self-duality",
            "How well the classifier's weight vector of a token points at the centre of that token's embeddings; 1 is perfect.",
            "mean over classes of cos(w_c, m_c)", WuPapyan, LogAxisHelps: false),
        new("selfdual_std", "UNC3", "Uniform duality, spread",
            "How much that alignment differs between tokens; 0 means it is the same for all.",
            "standard deviation over classes of cos(w_c, m_c)", WuPapyan, LogAxisHelps: true),
        new("selfdual_cov", "UNC3", "Uniform duality",
            "The study's uniform duality: the spread of the alignment relative to its mean.",
            "std / mean of cos(w_c, m_c)", WuPapyan, LogAxisHelps: true),
        new("duality_distance_mean", "NC3", "Duality distance, mean",
            "The distance between the directions of a token's weight vector and of its centre, averaged over tokens; 0 is perfect duality.",
            "mean over classes of ‖w_c/‖w_c‖ − u_c‖", Papyan, LogAxisHelps: false),
        new("duality_distance_std", "NC3", "Duality distance, spread",
            "How much that distance differs between tokens.",
            "standard deviation over classes of ‖w_c/‖w_c‖ − u_c‖", Papyan, LogAxisHelps: true),
        new("duality_error", "NC3", "Distance of W Mᵀ from a simplex ETF",
            "How far classifier and class centres together are from the perfectly symmetric, dual arrangement.",
            "‖A/‖A‖_F − (I − 11ᵀ/|C|)/√(|C|−1)‖_F, A = W Mᵀ", Kothapalli, LogAxisHelps: false),
    ];

    private static IEnumerable<MeasurementDefinition> Agreement() =>
    [
        new("ncc_agreement", "NC4", "Agreement with the nearest class centre",
            "How often the model's own decision on held-out text is the token whose class centre lies nearest to the embedding.",
            "share of validation samples with argmax_k w_k·h (all K) = argmin_{c∈C} ‖h − μ_c‖", Papyan, LogAxisHelps: false),
        new("linear_accuracy", "NC4", "Accuracy of the classifier",
            "How often the model's own decision on held-out text is the true next token.",
            "share of validation samples with argmax_k w_k·h = label", Papyan, LogAxisHelps: false),
        new("ncc_accuracy", "NC4", "Accuracy of the nearest class centre",
            "How often the token with the nearest class centre is the true next token.",
            "share of validation samples with argmin_{c∈C} ‖h − μ_c‖ = label", Papyan, LogAxisHelps: false),
        new("ncc_agreement_seen", "NC4", "Agreement over seen tokens",
            "The same agreement in the authors' convention: only tokens that occur in the training text may win, and only samples whose true token does are counted.",
            "share of validation samples with label in C where argmax_{c∈C} w_c·h = argmin_{c∈C} ‖h − μ_c‖", WuPapyan, LogAxisHelps: false),
    ];

    private static IEnumerable<MeasurementDefinition> OutOfDistributionAndSpectrum() =>
    [
        new("ood_orthogonality", "NC5", "Orthogonality to out-of-distribution text",
            "How far from a right angle the mean embedding of another corpus stands to the class centres; 0 is orthogonal.",
            "mean over classes of |cos(μ_c, μ_ood)|", Ammar, LogAxisHelps: false),
        new("effective_rank", "spectrum", "Effective rank of the class centres",
            "How many directions the class centres effectively spread over.",
            "exp(−Σ p_i ln p_i), p_i = λ_i/Σλ, λ eigenvalues of Σ_B", RoyVetterli, LogAxisHelps: true),
        new("stable_rank", "spectrum", "Stable rank of the class centres",
            "The same count of directions dominated by the largest ones.",
            "‖Σ_B‖_F² / ‖Σ_B‖₂²", RudelsonVershynin, LogAxisHelps: true),
    ];

    private static IEnumerable<MeasurementDefinition> Generalisation() =>
    [
        new("val_loss", "generalisation", "Validation loss",
            "Mean surprise, in nats, at the true next token of held-out text; lower is better.",
            "mean over validation samples of −ln p(x_{t+1} | x_1..x_t)", WuPapyan, LogAxisHelps: false),
        new("perplexity", "generalisation", "Perplexity",
            "The validation loss as the number of equally likely next tokens it amounts to.", "exp(val_loss)", WuPapyan, LogAxisHelps: true),
        new("val_accuracy", "generalisation", "Validation accuracy",
            "How often the likeliest next token is the true one on held-out text.",
            "share of validation samples with argmax_k p(k | x_1..x_t) = x_{t+1}", WuPapyan, LogAxisHelps: false),
        new("train_loss", "generalisation", "Training loss",
            "Mean surprise, in nats, at the true next token of the training text.",
            "mean over training samples of −ln p(x_{t+1} | x_1..x_t)", WuPapyan, LogAxisHelps: false),
        new("train_perplexity", "generalisation", "Training perplexity",
            "The training loss as the number of equally likely next tokens it amounts to.", "exp(train_loss)", WuPapyan, LogAxisHelps: true),
        new("train_accuracy", "generalisation", "Training accuracy",
            "How often the likeliest next token is the true one on the training text.",
            "share of training samples with argmax_k p(k | x_1..x_t) = x_{t+1}", WuPapyan, LogAxisHelps: false),
    ];
}
