namespace NcService.Core.Collapse;

/// <summary>NC4 from decision counts, and the generalisation that comes with them.</summary>
internal static class DecisionMeasurements
{
    /// <summary>NC4; <paramref name="missing"/> says why where there are no decisions.</summary>
    public static void Add(MeasurementSet set, DecisionCounts? decisions, string missing)
    {
        var reason = decisions is null ? missing
            : decisions.Samples == 0 ? "there are no validation samples"
            : null;
        if (reason is not null)
        {
            set.AddUndefined(reason, "ncc_agreement", "linear_accuracy", "ncc_accuracy", "ncc_agreement_seen");
            return;
        }
        set.Add("linear_accuracy", Share(decisions!.LinearCorrect, decisions.Samples));
        if (decisions.KeptClasses == 0)
        {
            set.AddUndefined("no class has enough training samples, so that there is no centre", "ncc_agreement", "ncc_accuracy", "ncc_agreement_seen");
            return;
        }
        set.Add("ncc_agreement", Share(decisions.Agreements, decisions.Samples));
        set.Add("ncc_accuracy", Share(decisions.NearestCentreCorrect, decisions.Samples));
        if (decisions.SeenSamples == 0) set.AddUndefined("no validation sample has a label that occurs in training", "ncc_agreement_seen");
        else set.Add("ncc_agreement_seen", Share(decisions.SeenAgreements, decisions.SeenSamples));
    }

    /// <summary>Losses and accuracies over validation and training samples, where decisions came with losses.</summary>
    public static IReadOnlyList<Measurement> Generalisation(DecisionCounts? validation, DecisionCounts? train)
    {
        var set = new MeasurementSet();
        if (Loss(validation) is { } loss)
        {
            set.Add("val_loss", loss);
            set.Add("perplexity", Math.Exp(loss));
            set.Add("val_accuracy", Share(validation!.LinearCorrect, validation.Samples));
        }
        else
        {
            set.AddUndefined("no losses on validation samples were collected", "val_loss", "perplexity", "val_accuracy");
        }
        if (Loss(train) is { } trainLoss)
        {
            set.Add("train_loss", trainLoss);
            set.Add("train_perplexity", Math.Exp(trainLoss));
            set.Add("train_accuracy", Share(train!.LinearCorrect, train.Samples));
        }
        else
        {
            set.AddUndefined("no losses on training samples were collected", "train_loss", "train_perplexity", "train_accuracy");
        }
        return set.InOrder();
    }

    private static double? Loss(DecisionCounts? decisions) =>
        decisions is { Samples: > 0, LossSum: { } sum } ? sum / decisions.Samples : null;

    private static double Share(long part, long whole) => (double)part / whole;
}
