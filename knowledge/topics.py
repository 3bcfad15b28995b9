"""The twenty topics: the metrics of each, the model behind them, a question to ask, and where the brief shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One topic. `model` names files of `knowledge/models` and what they do; `question` is answered on the demo company by
    `answers`; `brief` are the sections of the account brief that show it."""

    number: int
    name: str
    metrics: tuple[str, ...]
    model: str
    question: str
    answers: str
    brief: tuple[str, ...]

    @property
    def pages(self) -> tuple[str, ...]:
        """The sections of the web page where it is seen."""
        themes = ("Themes",) if "theme_share" in self.metrics else ()
        return ("Ask", *(("Accounts",) if self.brief else ()), *themes)


TOPICS = (
    Topic(1, "Customer relationship management", ("revenue", "net_revenue", "orders", "order_lines_count", "units", "aov", "lines_per_order", "units_per_order", "active_customers", "new_customers", "cancellation_rate", "contact_rate", "last_touch_days", "profile_completeness"),
          "customer_facts: what is known of each customer", "How much revenue did Acme Industrial bring in 2026?", "revenue", ("Value", "Orders", "At a glance")),
    Topic(2, "Segmentation", ("segment", "rfm_score", "segment_size", "segment_revenue_share", "segment_migration", "revenue_concentration"),
          "segments: RFM scores with named segments; k-means clusters whose number is chosen by stability", "What is the segment of Halvorsen Marine?", "segment", ("Who they are",)),
    Topic(3, "Customer lifetime value", ("clv", "expected_orders_90d", "p_alive", "expected_order_value", "tenure_days"),
          "buying, spending, customer_value: BG/NBD, MBG/NBD or the NBD limit with Gamma-Gamma by maximum likelihood, after margin and cost to serve", "What is the customer lifetime value of Acme Industrial?", "clv", ("Value",)),
    Topic(4, "Customer profitability", ("gross_margin", "cost_to_serve", "cost_to_serve_ratio", "customer_net_margin", "whale_curve", "unused_capacity_cost", "loss_making_customers"),
          "cost_to_serve, profitability: activity-based costing by customer, month and activity; whale curve; what sets loss makers apart", "Which industry had the lowest customer profit in 2026?", "customer_net_margin", ("Value", "At a glance")),
    Topic(5, "Service level differentiation", ("service_tier", "tier_gap", "differentiation_index", "service_cost_per_tier"),
          "accounts: value score, recommended tiers with hysteresis, over- and under-service", "What is the recommended tier of Acme Industrial?", "service_tier.recommended", ("Who they are", "Risk and opportunity")),
    Topic(6, "Voice of the customer", ("feedback_count", "nps", "csat", "rating_mean", "theme_share", "net_sentiment", "theme_impact", "theme_trend", "corroboration_rate", "revenue_behind_theme"),
          "nlp: sentiment, aspects, themes, reasons, drivers, claims checked against the records", "What is the net promoter score in 2026?", "nps", ("What they say", "At a glance")),
    Topic(7, "Customer order decoupling point", ("supply_lead_time", "customer_tolerance_time", "pd_ratio", "demand_cv", "customized_share", "recommended_codp", "codp_mismatch"),
          "decoupling: P:D ratio, variability and specials to make, assemble or engineer to order, or to stock", "What is the P:D ratio of fasteners?", "pd_ratio", ()),
    Topic(8, "Service strategy", ("target_attainment", "target_gap", "policy_coverage", "orders_to_recover"),
          "service_policies against what was delivered, with verdicts by interval", "What is the gap to target of Acme Industrial?", "target_gap", ("Service received and promised", "At a glance")),
    Topic(9, "Order-to-delivery cycle", ("order_cycle_time", "approval_time", "picking_time", "handling_time", "transit_time", "cycle_time_spread", "stage_share", "bottleneck_stage", "open_order_age"),
          "stages of delivered orders; the bottleneck by bootstrap", "What is the order cycle time in 2026?", "order_cycle_time", ("Service received and promised", "Orders")),
    Topic(10, "Collaborative planning (CPFR)", ("wape", "forecast_bias", "forecast_value_added", "plan_gap", "cpfr_exceptions", "replenishment_suggestion", "days_of_supply"),
          "plans, exceptions: error and bias of both parties, value added, exception list, replenishment", "What is the forecast bias of Stanhope Automotive?", "forecast_bias", ("Demand and plan",)),
    Topic(11, "Customer experience", ("journey_stage_score", "first_response_hours", "resolution_hours", "first_contact_resolution", "customer_effort", "churn_rate", "churn_risk", "overdue_ratio"),
          "churn: own rhythm of each customer, checked on a past quarter, with reasons that can be seen", "Which 5 customers have the highest churn risk?", "churn_risk", ("Risk and opportunity", "Service received and promised")),
    Topic(12, "Strategic accounts", ("strategic_score", "revenue_growth", "share_of_wallet_proxy", "white_space", "account_dependence", "account_plan_inputs"),
          "accounts: strategic score with its missing parts, wallet proxy and white space against peers", "What is the strategic score of Acme Industrial?", "strategic_score", ("Who they are", "Risk and opportunity")),
    Topic(13, "Service metrics", ("fill_rate", "backorder_rate", "otd", "in_full", "otif", "damage_free", "document_accuracy", "perfect_order", "order_accuracy", "days_late"),
          "SCOR's perfect order and its parts", "What is the fill rate in 2026?", "fill_rate", ("Service received and promised", "At a glance")),
    Topic(14, "Demand segmentation", ("adi", "cv2", "demand_class", "abc_class", "xyz_class", "order_frequency", "supply_fit"),
          "demand_classes: ABC, XYZ, smooth to lumpy, for articles and customers", "What is the demand class of FAS-101?", "demand_class", ()),
    Topic(15, "Retention and loyalty", ("repeat_rate", "retention_first", "retention_rolling", "retention_curve", "churn_hazard", "net_revenue_retention", "loyalty_tier", "loyalty_lift"),
          "retention: cohorts, Kaplan-Meier, hazard; programme effect on matched customers", "What is the rolling retention?", "retention_rolling", ("Who they are",)),
    Topic(16, "Omnichannel", ("channel_mix", "multichannel_share", "consistency_gap", "channel_switch_rate", "cross_channel_return_rate"),
          "rates by channel with a test of their difference", "What is the consistency gap?", "consistency_gap", ()),
    Topic(17, "Customer-centric design", ("capability_scorecard", "design_gap_index", "responsiveness", "parameter_to_fix"),
          "needs of each segment's tiers against what it gets", "What is the responsiveness in 2026?", "responsiveness", ()),
    Topic(18, "Post-sales and returns", ("return_rate", "returned_value", "returned_units", "returns_count", "return_reasons", "return_turnaround", "open_returns", "recovery_rate", "repeat_return_rate", "customers_with_return_share", "support_load"),
          "returns by reason, stage and disposition", "What is the return rate in 2026?", "return_rate", ("Returns and claims",)),
    Topic(19, "Predictive analytics", ("next_order_date", "demand_forecast", "next_best_product", "forecast_backtest"),
          "forecasting: smoothing, Croston-SBA, TSB, seasonal naive by rolling origin; next_product: item-to-item cosine against popularity", "What is the demand forecast for FAS-101?", "demand_forecast", ("Risk and opportunity",)),
    Topic(20, "Relationship trust", ("promise_keeping", "response_reliability", "complaint_recovery", "trust_index", "complaint_rate"),
          "trust: weighted parts, each with its events; bootstrap interval", "What is the trust index of Acme Industrial?", "trust_index", ("Promises and trust",)),
)  # fmt: skip
