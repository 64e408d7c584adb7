//! Why is an invoice charged just then? Because it fell due, because of a step of its policy, because there is something new to charge:
//! `retry_step 2`, put off by a network's limit. Earlier than its step, because 310 of 1,000 retries like it were paid then:
//! `retry_step 2 forecast:412:310:90`.

use std::fmt;
use std::str::FromStr;

use strum::{EnumString, IntoStaticStr};

use super::forecast::Forecast;

/// What an attempt comes of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Cause {
    /// The invoice fell due.
    Due,
    /// Somebody asked for it; when it fails, the policy goes on.
    ByHand,
    /// Somebody asked for it, and for nothing to follow when it fails.
    ByHandOnce,
    /// There is something new to charge.
    NewMethod,
    /// What is charged first is not to be tried again, and there is something else.
    BackupMethod,
    /// A step of the policy, from 1.
    RetryStep(u16),
    /// Gateway or issuer was not there, and this is the so-manieth try since, from 1.
    OutageRetry(u16),
    /// The attempt before it never reached its gateway.
    NotReached,
    /// The gateway of the attempt before it was not there, and its customer has the same card at another account.
    OtherGateway,
}

/// Why it is not earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum PutOffBy {
    /// The network asked to wait with its answer.
    Advice,
    /// The network allows no more attempts before.
    NetworkLimit,
}

/// A rule that led to an account: which one of which version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    pub version: i32,
    /// From 1.
    pub rule: u16,
}

/// Why it is this payment method that is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chosen {
    /// Its invoice says so.
    Invoice,
    /// A subscription of its invoice says so.
    Subscription,
    /// It is what its customer is charged by.
    Customer,
    /// The same card is charged at this account by a rule.
    Route(Route),
}

impl Chosen {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Chosen::Invoice => "invoice",
            Chosen::Subscription => "subscription",
            Chosen::Customer => "customer",
            Chosen::Route(_) => "routing",
        }
    }

    /// The rule, if it was one.
    #[must_use]
    pub const fn route(self) -> Option<Route> {
        match self {
            Chosen::Route(route) => Some(route),
            _ => None,
        }
    }
}

/// Why an attempt is made when it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason {
    pub cause: Cause,
    pub put_off_by: Option<PutOffBy>,
    /// Why it is earlier than its step would have been.
    pub forecast: Option<Forecast>,
    /// Why it charges what it charges; `None`: where nothing but the customer's default was ever chosen.
    pub chosen: Option<Chosen>,
}

impl Reason {
    /// Of a cause, at its own time.
    #[must_use]
    pub const fn of(cause: Cause) -> Reason {
        Reason { cause, put_off_by: None, forecast: None, chosen: None }
    }

    /// The step of the policy, or the number of the try after an outage.
    #[must_use]
    pub const fn step(&self) -> Option<u16> {
        match self.cause {
            Cause::RetryStep(n) | Cause::OutageRetry(n) => Some(n),
            _ => None,
        }
    }
}

/// `retry_step 2 network_limit`: as it is stored.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cause.into_str())?;
        if let Some(step) = self.step() {
            write!(f, " {step}")?;
        }
        if let Some(by) = self.put_off_by {
            write!(f, " {}", by.into_str())?;
        }
        if let Some(Forecast { retries, likelihood, likelihood_of_step }) = self.forecast {
            write!(f, " forecast:{retries}:{likelihood}:{likelihood_of_step}")?;
        }
        match self.chosen {
            Some(Chosen::Route(Route { version, rule })) => write!(f, " chosen:routing:{version}:{rule}"),
            Some(chosen) => write!(f, " chosen:{}", chosen.name()),
            None => Ok(()),
        }
    }
}

/// A text that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no reason of an attempt")]
pub struct NoReason;

impl FromStr for Reason {
    type Err = NoReason;

    fn from_str(text: &str) -> Result<Reason, NoReason> {
        let mut words = text.split(' ');
        let name = words.next().ok_or(NoReason)?;
        let mut number = || words.next().and_then(|word| word.parse().ok()).ok_or(NoReason);
        let cause = match name {
            "due" => Cause::Due,
            "by_hand" => Cause::ByHand,
            "by_hand_once" => Cause::ByHandOnce,
            "new_method" => Cause::NewMethod,
            "backup_method" => Cause::BackupMethod,
            "retry_step" => Cause::RetryStep(number()?),
            "outage_retry" => Cause::OutageRetry(number()?),
            "not_reached" => Cause::NotReached,
            "other_gateway" => Cause::OtherGateway,
            _ => return Err(NoReason),
        };
        let mut reason = Reason::of(cause);
        for word in words {
            match word.split_once(':') {
                Some(("forecast", numbers)) => reason.forecast = Some(forecast(numbers).ok_or(NoReason)?),
                Some(("chosen", name)) => reason.chosen = Some(chosen(name).ok_or(NoReason)?),
                _ => reason.put_off_by = Some(word.parse().map_err(|_| NoReason)?),
            }
        }
        Ok(reason)
    }
}

fn forecast(text: &str) -> Option<Forecast> {
    let mut numbers = text.split(':');
    let retries = numbers.next()?.parse().ok()?;
    let likelihood = numbers.next()?.parse().ok()?;
    let likelihood_of_step = numbers.next()?.parse().ok()?;
    Some(Forecast { retries, likelihood, likelihood_of_step })
}

fn chosen(text: &str) -> Option<Chosen> {
    let mut words = text.split(':');
    match words.next()? {
        "invoice" => Some(Chosen::Invoice),
        "subscription" => Some(Chosen::Subscription),
        "customer" => Some(Chosen::Customer),
        "routing" => {
            let version = words.next()?.parse().ok()?;
            Some(Chosen::Route(Route { version, rule: words.next()?.parse().ok()? }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_read_as_it_is_written() {
        let causes = [
            Cause::Due,
            Cause::ByHand,
            Cause::ByHandOnce,
            Cause::NewMethod,
            Cause::BackupMethod,
            Cause::RetryStep(2),
            Cause::OutageRetry(3),
            Cause::NotReached,
            Cause::OtherGateway,
        ];
        for cause in causes {
            for put_off_by in [None, Some(PutOffBy::Advice), Some(PutOffBy::NetworkLimit)] {
                for forecast in
                    [None, Some(Forecast { retries: 412, likelihood: 310, likelihood_of_step: 90 })]
                {
                    for chosen in
                        [None, Some(Chosen::Subscription), Some(Chosen::Route(Route { version: 3, rule: 1 }))]
                    {
                        let reason = Reason { cause, put_off_by, forecast, chosen };
                        assert_eq!(reason.to_string().parse(), Ok(reason));
                    }
                }
            }
        }
        assert_eq!("retry_step".parse::<Reason>(), Err(NoReason));
    }
}
